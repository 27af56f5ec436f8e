"""The desk's cookies: none that a script can read or that another site can send a form with."""

from datetime import timedelta

from fastapi import Response

from amends.settings import Settings


def is_https(settings: Settings) -> bool:
    """Whether browsers reach the desk over TLS."""
    return settings.desk_address.startswith("https://")


def session_cookie(settings: Settings) -> str:
    """Name of the cookie that holds the session's secret."""
    return _name("amends_desk", settings)


def stranger_cookie(settings: Settings) -> str:
    """Name of the cookie that holds the CSRF token of forms before anybody is signed in."""
    return _name("amends_door", settings)


def set_cookie(
    response: Response, settings: Settings, name: str, value: str, age: timedelta
) -> None:
    """Give the browser a cookie."""
    response.set_cookie(
        name,
        value,
        max_age=int(age.total_seconds()),
        path="/",
        httponly=True,
        samesite="lax",
        secure=is_https(settings),
    )


def drop_cookie(response: Response, settings: Settings, name: str) -> None:
    """Take a cookie away from the browser."""
    response.delete_cookie(name, path="/", httponly=True, samesite="lax", secure=is_https(settings))


def _name(name: str, settings: Settings) -> str:
    # Browsers take a cookie of this prefix from the very host alone, and over TLS alone.
    return f"__Host-{name}" if is_https(settings) else name
