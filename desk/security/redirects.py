"""Where the sign-in page may send somebody on to."""

from urllib.parse import urlsplit

HOME = "/"


def local_path(text: str) -> str:
    """The path if it stays on the desk, else the desk's first page."""
    # Browsers read a backslash as a slash and leave out what cannot be seen: //elsewhere.example.
    if "\\" in text or not text.isprintable() or " " in text:
        return HOME
    try:
        parts = urlsplit(text)
    except ValueError:
        return HOME
    is_local = not (parts.scheme or parts.netloc) and text.startswith("/")
    return text if is_local and not text.startswith("//") else HOME
