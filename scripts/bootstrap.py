"""Set up what Amends runs on: uv and the two environments. Needs nothing but Python.

Old Pythons must be able to read this file, to say that they are too old: so nothing newer than
Python 3.6 here, and the other modules are imported after the check.
"""

import sys

NEEDED = (3, 11)


def too_old(version: "tuple[int, ...]", executable: str) -> str:
    """One line for a Python that is too old, or nothing for one that will do."""
    if version >= NEEDED:
        return ""
    found = ".".join(str(part) for part in version[:3])
    return (
        f"expected Python 3.11 or newer, found {found} ({executable}). Install one, for example "
        "`apt install python3.11`, `brew install python@3.12` or `pyenv install 3.12`, and start "
        "again; `make PYTHON=/path/to/python run` names one that is not on PATH"
    )


def main() -> int:
    """Sync both environments; 0 when they are ready."""
    problem = too_old(tuple(sys.version_info[:3]), sys.executable)
    if problem:
        sys.stderr.write("amends: " + problem + "\n")
        return 1
    return _sync()


def _sync() -> int:
    from pathlib import Path  # noqa: PLC0415 - after the version check, like the next two

    import environments  # noqa: PLC0415
    from steps import SetupError  # noqa: PLC0415

    try:
        environments.sync(Path(__file__).resolve().parent.parent)
    except SetupError as error:
        sys.stderr.write("amends: " + str(error) + "\n")
        return 1
    except KeyboardInterrupt:
        sys.stderr.write("amends: interrupted; start again, what is fetched is kept\n")
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
