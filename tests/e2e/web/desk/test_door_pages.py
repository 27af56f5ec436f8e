"""Every page around the queue is for everybody: axe, light and dark, on a phone too."""

import pytest

pytestmark = pytest.mark.timeout(900)

SIZES = {"desktop": (1280, 900), "phone": (390, 844)}
STRANGERS = {"sign-in": "/sign-in", "link": "/welcome/nonsense", "lost": "/no-such-page"}
INSIDE = {
    "account": "/account",
    "administration": "/administration",
    "programs": "/administration/tokens",
    "person": "/administration/agents/1",
    "figures": "/figures",
    "nothing": "/?text=nothing-like-it",
    "refused": "/tickets/AM-222222",
}


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
def test_axe_finds_nothing(mia, ben, new_agent, axe, shot, scheme: str, size: str) -> None:
    width, height = SIZES[size]
    look = {"color_scheme": scheme, "viewport": {"width": width, "height": height}}
    for cookies, paths in ((None, STRANGERS), (mia, INSIDE)):
        agent = new_agent(**look, storage_state=cookies, bypass_csp=True)
        for name, path in paths.items():
            agent.page.goto(f"{agent.url}{path}")
            assert violations(agent.page, axe) == [], name
            assert agent.page.evaluate("document.documentElement.scrollWidth <= innerWidth"), name
            if (scheme, size) == ("light", "desktop") and name in ("sign-in", "administration"):
                shot(agent.page, f"desk-{name}")


def violations(page, axe: str) -> list[str]:
    page.evaluate(axe)
    found = page.evaluate("axe.run()")
    assert len(found["passes"]) > 5, "looked past it"
    return [
        f"{one['id']}: {[node['html'][:120] for node in one['nodes']]}"
        for one in found["violations"]
    ]
