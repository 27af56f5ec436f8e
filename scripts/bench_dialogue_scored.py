"""How the messages of the scripted conversations were scored, from Rasa's own record."""

import json
import sqlite3
from contextlib import closing

from amends.settings import Settings

FILE = "conversations.db"
QUERY = "SELECT data FROM events WHERE type_name = 'slot' AND data LIKE '%\"assessment\"%'"


def scored(settings: Settings) -> tuple[int, int]:
    """How many messages were scored, and how many of them by the lexicon, without the model.

    A busy machine has the model answer too late; what was measured is another assistant then.
    """
    with closing(sqlite3.connect(settings.state_dir / FILE)) as database:
        events = [json.loads(data) for (data,) in database.execute(QUERY)]
    values = [one["value"] for one in events if one["name"] == "assessment" and one["value"]]
    return len(values), sum(bool(one.get("degraded")) for one in values)
