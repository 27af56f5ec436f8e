"""What is on record, read past all servers."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path


def said(state: Path, conversation: str) -> list[str]:
    """What Rasa has on record of the shopper, in order."""
    with closing(sqlite3.connect(state / "conversations.db")) as database:
        rows = database.execute(
            "SELECT data FROM events WHERE sender_id = ? AND type_name = 'user' ORDER BY id",
            (conversation,),
        ).fetchall()
    return [json.loads(data)["text"] for (data,) in rows]
