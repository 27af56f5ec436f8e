"""Finding and fetching uv, with fake programs in place of uv and pip."""

import hashlib
import io
import zipfile
from pathlib import Path

import pytest

from amends.settings import ROOT

SCRIPTS = ROOT / "scripts"


def test_a_new_enough_uv_on_path_is_used(script, checkout: Path) -> None:
    assert script("uv_tool").ensure_uv(checkout) == checkout.parent / "bin" / "uv"


@pytest.mark.parametrize("body", ['echo "uv 0.8.22"', "exit 1", 'echo "another uv"'])
def test_the_checkouts_own_uv_is_used_where_paths_will_not_do(
    script, checkout: Path, body: str, program
) -> None:
    program(checkout.parent / "bin" / "uv", body)
    own = program(checkout / ".tools" / "bin" / "uv", 'echo "uv 0.9.0"')
    assert script("uv_tool").ensure_uv(checkout) == own


def test_a_missing_uv_comes_by_pip_into_the_checkout(
    script, checkout: Path, monkeypatch: pytest.MonkeyPatch, program
) -> None:
    (checkout.parent / "bin" / "uv").unlink()
    tool = script("uv_tool")
    # A pip that "installs" into the folder after --target, given that the command names uv.
    body = f"""
while [ "$1" != --target ]; do shift; done
[ "$3" = "uv=={tool.PINNED}" ] || exit 1
mkdir -p "$2/bin"; printf '#!/bin/sh\\necho uv {tool.PINNED}\\n' > "$2/bin/uv"; chmod +x "$2/bin/uv"
"""
    python = program(checkout.parent / "python", body)
    monkeypatch.setattr(tool, "app_python", lambda: python)
    assert tool.ensure_uv(checkout) == checkout / ".tools" / "bin" / "uv"


def test_no_pip_and_no_network_is_one_clear_error(
    script, checkout: Path, monkeypatch: pytest.MonkeyPatch, program
) -> None:
    (checkout.parent / "bin" / "uv").unlink()
    tool, steps = script("uv_tool"), script("steps")
    monkeypatch.setattr(tool, "app_python", lambda: program(checkout.parent / "python", "exit 1"))
    monkeypatch.setattr(tool, "INDEX", "http://127.0.0.1:9/simple/uv/")
    with pytest.raises(steps.SetupError) as caught:
        tool.ensure_uv(checkout)
    assert "expected to get uv" in str(caught.value)
    assert "HTTPS_PROXY" in str(caught.value)
    assert "\n" not in str(caught.value)


def wheel() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("uv/__init__.py", "")
        archive.writestr("uv-0.13.9.data/scripts/uv", "#!/bin/sh\necho uv 0.13.9\n")
    return buffer.getvalue()


def test_without_pip_the_wheel_is_downloaded_checked_and_unpacked(
    script, checkout: Path, monkeypatch: pytest.MonkeyPatch, program
) -> None:
    (checkout.parent / "bin" / "uv").unlink()
    tool = script("uv_tool")
    system, machine = tool.platform_tag()
    name = f"uv-{tool.PINNED}-py3-none-{system}_2_17_{machine}.whl"
    folder = checkout.parent / "index"
    folder.mkdir()
    (folder / name).write_bytes(wheel())
    sha256 = hashlib.sha256(wheel()).hexdigest()
    url = (folder / name).as_uri()
    file = f'{{"filename": "{name}", "url": "{url}", "hashes": {{"sha256": "{sha256}"}}}}'
    (folder / "index.json").write_text(f'{{"files": [{file}]}}')
    monkeypatch.setattr(tool, "app_python", lambda: program(checkout.parent / "python", "exit 1"))
    monkeypatch.setattr(tool, "INDEX", (folder / "index.json").as_uri())
    assert tool.is_new_enough(tool.ensure_uv(checkout))


def test_a_changed_wheel_is_refused_and_nothing_is_written(script, tmp_path: Path) -> None:
    tool, steps = script("uv_tool"), script("steps")
    with pytest.raises(steps.SetupError, match="damaged or was changed"):
        tool.unpack(wheel() + b"x", hashlib.sha256(wheel()).hexdigest(), tmp_path / "bin" / "uv")
    assert not (tmp_path / "bin").exists()


def test_the_wheel_for_this_platform_is_chosen(script) -> None:
    tool = script("uv_tool")
    tags = [
        "macosx_11_0_arm64", "manylinux_2_28_aarch64",
        "manylinux_2_17_aarch64.manylinux2014_aarch64.musllinux_1_1_aarch64",
        "manylinux_2_17_x86_64.manylinux2014_x86_64", "musllinux_1_1_x86_64", "win_amd64",
    ]  # fmt: skip
    files = [{"filename": f"uv-1.0-py3-none-{tag}.whl"} for tag in tags]
    files += [
        {"filename": "uv-1.0.tar.gz"},
        {"filename": "uv-1.0.1-py3-none-macosx_11_0_arm64.whl"},
    ]

    def chosen(*tag: str) -> str:
        return tool.choose_wheel(files, "1.0", tag)["filename"]

    assert "manylinux_2_17_x86_64" in chosen("manylinux", "x86_64")
    assert "manylinux_2_17_aarch64" in chosen("manylinux", "aarch64")
    assert "musllinux_1_1_x86_64" in chosen("musllinux", "x86_64")
    assert "musllinux_1_1_aarch64" in chosen("musllinux", "aarch64")
    assert chosen("macosx", "arm64") == "uv-1.0-py3-none-macosx_11_0_arm64.whl"
    with pytest.raises(ValueError, match=r"no build of uv 1\.0 for manylinux sparc"):
        chosen("manylinux", "sparc")
