"""How the desk says what the ticket store knows by short names."""

import time
from collections.abc import Callable, Mapping
from datetime import datetime, tzinfo
from typing import Any

RULES: Mapping[str, str] = {
    "person": "asked for a person",
    "safety": "danger",
    "self_harm": "danger of self-harm",
    "legal_or_fraud": "law or fraud",
    "other_script": "a script that nothing scored",
    "strong_negative": "strong and negative",
    "complaint": "a complaint",
    "shop_down": "the shop's system did not answer",
    "not_verified": "could not show whose order it is",
}
TALKING: Mapping[str, str] = {
    "bot": "The chat assistant talks.",
    "waiting": "The shopper waits for a person.",
}
DEEDS: Mapping[str, str] = {
    "opened": "opened the ticket",
    "appended": "complained again",
    "claimed": "claimed it",
    "released": "released it",
    "assigned": "assigned it",
    "handed_back": "handed the chat back",
    "resolved": "resolved it",
    "reopened": "reopened it",
    "rated": "rated the help",
    "noted": "wrote a note",
    "labelled": "corrected the scores",
}
SHORT_ID = 8


def plain(name: str) -> str:
    """A short name as words: "wrong or missing item"."""
    return name.replace("_", " ")


def rule(name: str) -> str:
    """What a rule of the triage says."""
    return RULES.get(name, plain(name))


def deed(action: str) -> str:
    """What somebody did, after their name."""
    return DEEDS.get(action, plain(action))


def clock(moment: datetime, zone: tzinfo) -> str:
    """A moment as people at the desk read it, such as "2 Mar 09:05"."""
    local = moment.astimezone(zone)
    return f"{local.day} {local:%b %H:%M}"


def waited(since: float | None, now: float | None = None) -> str:
    """How long somebody has waited, such as "2 h 5 min"; empty when nobody waits.

    Args:
        since: Seconds since 1970.
        now: Likewise; this moment when None.
    """
    if since is None:
        return ""
    minutes = int(max((time.time() if now is None else now) - since, 0) // 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    if days:
        return f"{days} d {hours} h"
    return f"{hours} h {minutes} min" if hours else f"{minutes} min"


def shopper(name: str | None, conversation_id: str) -> str:
    """What to call a shopper; the end of the conversation's id tells the nameless apart."""
    return name or f"Shopper {conversation_id[-SHORT_ID:]}"


FILTERS: dict[str, Callable[..., Any]] = {
    "plain": plain,
    "rule": rule,
    "deed": deed,
    "clock": clock,
    "waited": waited,
}
