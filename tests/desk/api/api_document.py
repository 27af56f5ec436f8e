"""The operations of the API, as its own document lists them."""


def known_values(world):
    """Values of path parameters that are there."""
    return {
        "path.reference": world.open,
        "path.attachment_id": world.attachment,
        "path.conversation_id": world.store.get(world.open).conversation_id,
    }
