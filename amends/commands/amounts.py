"""How much of what, in words."""

from collections.abc import Mapping

WORDS = {
    "tickets": ("ticket", "tickets"),
    "messages": ("message on tickets", "messages on tickets"),
    "labels": ("correction", "corrections"),
    "notes": ("note", "notes"),
    "said": ("line of chat", "lines of chat"),
    "attachments": ("attachment", "attachments"),
    "ratings": ("rating", "ratings"),
    "names": ("shopper's name", "shoppers' names"),
    "events": ("event of the assistant's record", "events of the assistant's record"),
    "kept": ("message under way", "messages under way"),
    "tabs": ("open chat", "open chats"),
}


def amounts(numbers: Mapping[str, int]) -> str:
    """What there is any of, such as `1 ticket, 2 notes`; empty where there is nothing.

    Args:
        numbers: By the keys of `WORDS`.
    """
    counted = [(number, *WORDS[name]) for name, number in numbers.items() if number]
    return ", ".join(f"{number} {one if number == 1 else more}" for number, one, more in counted)
