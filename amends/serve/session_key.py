"""The key that signs chat tokens and what the servers say to one another."""

import os
import secrets
from pathlib import Path

from pydantic import SecretStr

from amends.serve.errors import ServeError
from amends.setting_types import KEY_CHARS
from amends.settings import Settings

FILE = "session.key"
OWNER_ONLY = 0o600


def session_key(settings: Settings) -> SecretStr:
    """The key that is set, else the one kept in the state folder, made when there is none.

    Raises:
        ServeError: the kept one cannot be read or written, is too short, or others may read it.
    """
    if settings.session_key is not None:
        return settings.session_key
    path = settings.state_dir / FILE
    try:
        _make_if_missing(path)
        _check_mode(path)
        return _checked(path, path.read_text().strip())
    except (OSError, UnicodeDecodeError) as error:
        raise ServeError(
            f"expected to keep a key for chat tokens in {path}, found: {error}. "
            "Make the folder writable, or set AMENDS_SESSION_KEY"
        ) from error


def _make_if_missing(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists():
        return
    # Written whole under another name: of two that start at once, one key wins for both.
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, OWNER_ONLY), "w") as file:
        file.write(secrets.token_hex(KEY_CHARS))
    try:
        path.hardlink_to(draft)
    except FileExistsError:
        pass
    finally:
        draft.unlink()


def _check_mode(path: Path) -> None:
    mode = path.stat().st_mode & 0o777
    if mode & 0o077:
        raise ServeError(
            f"expected {path} to be readable by its owner alone, found mode {mode:o}. Others may "
            "know the key: remove the file, and `amends run` makes a new one"
        )


def _checked(path: Path, key: str) -> SecretStr:
    if len(key) < KEY_CHARS:
        raise ServeError(
            f"expected a key of at least {KEY_CHARS} characters in {path}, found {len(key)}. "
            "Remove the file, and `amends run` makes a new one"
        )
    return SecretStr(key)
