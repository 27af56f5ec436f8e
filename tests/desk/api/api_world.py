"""What the tests of the API put into the database."""

import io

from PIL import Image

from tickets.case import Case
from tickets.triage import Decision, Triage

CHAT = "web-0123456789abcdef0123456789abcdef"


def picture():
    content = io.BytesIO()
    Image.new("RGB", (4, 4), "red").save(content, "PNG")
    return content.getvalue()


def open_ticket(store, category="delivery", conversation=CHAT, text="Where is it?"):
    case = Case(
        conversation_id=conversation,
        message_id=f"about {category} {text}"[:255],
        text=text,
        category=category,
        triage=Triage(decision=Decision.ESCALATE, rule="strong_negative", detail="asked"),
        assessment={"polarity": "negative", "intensity": "strong", "evidence": []},
    )
    return store.escalate(case).ticket.reference
