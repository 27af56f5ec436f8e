"""The operations of the API, as its own document lists them."""

from types import SimpleNamespace
from typing import Any

from amends.settings import Settings
from desk.api.app import PREFIX, create_api

BODIES = {
    "claim": {"agent": "Anna"},
    "assign": {"to": None},
    "reply": {"text": "I look into it."},
    "notes": {"text": "Called the carrier."},
    "labels": {"polarity": "negative"},
}
"""What an operation needs to be carried out, by the last part of its path."""


def document() -> dict[str, Any]:
    """The document, without a database behind it."""
    return create_api(SimpleNamespace(settings=Settings(), tokens=None)).openapi()  # type: ignore[arg-type]


def operations() -> list[tuple[str, str, dict[str, Any]]]:
    """Method, path and description of everything that can be asked for."""
    paths = document()["paths"]
    return [(method, path, said) for path, known in paths.items() for method, said in known.items()]


def known_values(world) -> dict[str, str]:
    """Values of path parameters that are there."""
    return {
        "path.reference": world.open,
        "path.attachment_id": world.attachment,
        "path.conversation_id": world.store.get(world.open).conversation_id,
    }


def ask(world, method: str, path: str, headers: dict[str, str]):
    """Send a request that fits the document, about what is there."""
    named = {name.partition(".")[2]: value for name, value in known_values(world).items()}
    body = BODIES.get(path.rpartition("/")[2]) if method == "post" else None
    headers = {"Idempotency-Key": "key-00000001", **headers}
    return world.client.request(method, PREFIX + path.format(**named), headers=headers, json=body)
