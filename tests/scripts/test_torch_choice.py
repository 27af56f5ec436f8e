"""Which PyTorch, and where the CPU-only one comes from."""

import sys
from pathlib import Path

import pytest

from amends.settings import ROOT

SCRIPTS = ROOT / "scripts"


def test_only_pytorch_and_its_cuda_are_left_out(script, lock) -> None:
    choice = script("torch_choice")
    assert choice.cuda_packages(lock) == ["cuda-bindings", "nvidia-cublas", "torch", "triton"]
    assert choice.locked_version(lock) == "2.13.0"


def test_the_real_lock_has_what_is_left_out(script, lock) -> None:
    choice = script("torch_choice")
    lock = (ROOT / "uv.lock").read_text()
    assert {"torch", "triton", "nvidia-cudnn-cu13"} <= set(choice.cuda_packages(lock))


@pytest.mark.skipif(sys.platform != "linux", reason="the choice exists on Linux only")
def test_the_choice_is_remembered_until_another_is_made(script, checkout: Path) -> None:
    choice = script("torch_choice")
    assert choice.choose({}, checkout) == "cuda"
    choice.remember(choice.choose({"AMENDS_TORCH": "CPU"}, checkout), checkout)
    assert choice.choose({}, checkout) == "cpu"
    assert choice.choose({"AMENDS_TORCH": ""}, checkout) == "cpu"
    assert choice.choose({"AMENDS_TORCH": "cuda"}, checkout) == "cuda"


@pytest.mark.skipif(sys.platform != "linux", reason="the choice exists on Linux only")
def test_a_cpu_build_installed_by_hand_is_left_alone(script, checkout: Path) -> None:
    packages = checkout / ".venv" / "lib" / "python3.12" / "site-packages"
    (packages / "torch-2.13.0+cpu.dist-info").mkdir(parents=True)
    assert script("torch_choice").choose({}, checkout) == "cpu"


def test_another_word_is_refused(script, checkout: Path) -> None:
    with pytest.raises(script("steps").SetupError, match="expected `cpu` or `cuda`, found `gpu`"):
        script("torch_choice").choose({"AMENDS_TORCH": "gpu"}, checkout)


def test_where_the_cpu_build_comes_from(script, tmp_path: Path) -> None:
    choice = script("torch_choice")

    def source(**environ: str) -> list[str]:
        return choice.cpu_source("2.13.0", (3, 12), environ)

    folder = tmp_path / "wheels"
    folder.mkdir()
    here = ["--no-index", "--find-links", str(folder)]
    assert source() == ["--default-index", "https://download.pytorch.org/whl/cpu"]
    assert source(AMENDS_TORCH_CPU_FROM="https://m.example") == [
        "--default-index", "https://m.example",
    ]  # fmt: skip
    assert source(AMENDS_TORCH_CPU_FROM=str(folder)) == here
    (folder / "torch-2.13.0+cpu-cp311-cp311-linux_x86_64.whl").touch()
    links = f"https://elsewhere.example {folder}"
    assert source(PIP_FIND_LINKS=links)[0] == "--default-index", "made for another Python"
    (folder / "torch-2.13.0+cpu-cp312-cp312-linux_x86_64.whl").touch()
    assert source(PIP_FIND_LINKS=links) == here
    with pytest.raises(script("steps").SetupError, match="found `/no/such`"):
        source(AMENDS_TORCH_CPU_FROM="/no/such")
