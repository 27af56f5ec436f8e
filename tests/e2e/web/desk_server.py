"""A desk with tickets in it, on a port of its own, in front of a chat that listens."""

import socket
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import uvicorn
from PIL import Image, ImageDraw
from playwright.sync_api import BrowserContext, Page
from pydantic import SecretStr

from amends.serve.build_desk import build
from amends.serve.surroundings import DESK_SOURCE, desk_dir
from amends.settings import ROOT, Settings
from desk.accounts import Role
from desk.app import create_app
from desk.security.cookies import session_cookie
from tickets.case import Case
from tickets.conversations import Line
from tickets.files import check_file
from tickets.notes import NewNote
from tickets.store import migrate
from tickets.triage import Decision, Triage

sys.path.append(str(ROOT / "tests" / "amends"))  # tickets_channel.py

CONVERSATION = "web-7f3a91c2"
NAME = "Mia"
ANGRY = "This is the THIRD time you lost my parcel and nobody answers. Absolutely useless!!"
CALM = "my parcel was due on Monday and the tracking has not moved since"


def scores(text: str, valence: float, intensity: str, words: dict[str, float]) -> dict[str, Any]:
    """An assessment as it is stored; `words` by how much they carried."""
    places = sorted((text.index(word), word) for word in words)
    evidence = [
        {"text": w, "start": at, "end": at + len(w), "polarity": words[w], "intensity": words[w]}
        for at, w in places
    ]
    return {
        "text": text,
        "polarity": "negative",
        "polarity_probs": {"negative": 0.9, "neutral": 0.06, "positive": 0.04},
        "valence": valence,
        "intensity": intensity,
        "complaint": 0.93,
        "subjectivity": 0.7,
        "severity": 0.78,
        "severity_threshold": 0.44,
        "category": "delivery",
        "similarity": 0.61,
        "runners_up": [
            {"category": "customer_service", "similarity": 0.48},
            {"category": "order_changes", "similarity": 0.33},
        ],
        "model": "default 1",
        "evidence": {"words": evidence, "capitals": True},
    }


class DeskServer:
    """A running desk; `tab` opens a page of it for an agent who is signed in."""

    def __init__(self, address: str, app: Any, channel: Any) -> None:
        self.address, self.channel = address, channel
        self.desk = app.state.desk
        self.store = self.desk.store
        people = self.desk.accounts.people
        self.agents = {
            login: people.add(login, login.title(), Role.AGENT) for login in ("anna", "ben")
        }
        self.reference = self.conversation()

    def tab(self, context: BrowserContext, login: str, path: str = "/") -> Page:
        secret = self.desk.accounts.sessions.start(self.agents[login].id, "Chromium")
        cookie = {"name": session_cookie(self.desk.settings), "value": secret, "url": self.address}
        context.add_cookies([cookie])  # type: ignore[list-item]
        page = context.new_page()
        page.goto(f"{self.address}{path}")
        page.wait_for_selector("#live[data-state=live]")
        return page

    def ticket(self, context: BrowserContext, login: str) -> Page:
        return self.tab(context, login, f"/tickets/{self.reference}")

    def escalate(self, conversation: str, text: str, **more: Any) -> str:
        why = Triage(
            decision=Decision.ESCALATE,
            rule=more.get("rule", "strong_negative"),
            detail=more.get("detail", "severity 0.78 >= 0.44"),
        )
        case = Case(
            conversation_id=conversation,
            message_id=more.get("message", "m1"),
            text=text,
            category=more.get("category", "delivery"),
            triage=why,
            assessment=more.get("assessment"),
        )
        return str(self.store.escalate(case).ticket.reference)

    def say(self, message: str, role: str, text: str, minutes: float = 0, **more: Any) -> None:
        at = datetime.now(UTC) - timedelta(minutes=minutes)
        line = {"message_id": message, "role": role, "text": text, "created_at": at, **more}
        self.store.conversations.record(
            Line.model_validate({"conversation_id": CONVERSATION, **line})
        )

    def conversation(self) -> str:
        """A shopper who became angry, and sent a photo."""
        calm = scores(CALM, -0.3, "weak", {})
        carried = {"lost": 1.4, "nobody": 0.9, "Absolutely": 0.6, "useless": 2.4}
        angry = scores(ANGRY, -0.92, "extreme", carried)
        reference = self.escalate(CONVERSATION, ANGRY, message="m3", assessment=angry)
        self.say("m1", "shopper", CALM, 14, assessment=calm)
        self.say("r1", "bot", "I'm sorry that your delivery has been trouble.", 13.9)
        self.say("m3", "shopper", ANGRY, 12, assessment=angry)
        self.say("r3", "bot", f"I have recorded your message as case {reference}.", 11.9)
        photo = self.store.attachments.add(CONVERSATION, check_file(_photo(), "box.jpg"))
        self.say("m4", "shopper", "This is the box", 11, attachment_id=photo.id)
        self.store.conversations.name_shopper(CONVERSATION, NAME)
        note = NewNote(author="ben", text="The carrier did not find the house.")
        self.store.notes.add(reference, note)
        return reference

    def others(self) -> None:
        """Further shoppers, so that there is a queue."""
        smoke = "smoke came out of the charger and burnt the table"
        self.escalate("web-5eb561a4", smoke, rule="safety", detail='"smoke"',
                      category="authenticity_and_safety",
                      assessment=scores(smoke, -0.95, "extreme", {"smoke": 2.0}))  # fmt: skip
        human = self.escalate("web-94b2b8fd", "i want to speak to a human now", rule="person",
                              category="customer_service")  # fmt: skip
        self.store.takeover.claim(human, "Ben", "ben")
        lid = "the lid was cracked when i opened it"
        done = self.escalate("web-42650644", lid, category="damaged_or_defective",
                             assessment=scores(lid, -0.4, "medium", {"cracked": 1.0}))  # fmt: skip
        self.store.takeover.resolve(done, "anna")


@contextmanager
def serving(folder: Path) -> Iterator[DeskServer]:
    """Start a desk with an empty database in `folder`, and stop it."""
    import tickets_channel

    with tickets_channel.listening() as channel, socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
        settings = Settings(
            state_dir=folder,
            desk_port=port,
            rasa_port=channel.port,
            session_key=SecretStr(tickets_channel.KEY),
        )
        if build(DESK_SOURCE, desk_dir(settings)) != 0:
            raise RuntimeError("expected the desk's packages from npm, found none")
        migrate(settings.ticket_database_url)
        app = create_app(settings)
        with _running(app, listener):
            yield DeskServer(f"http://127.0.0.1:{port}", app, channel)


@contextmanager
def _running(app: Any, listener: socket.socket) -> Iterator[None]:
    config = uvicorn.Config(app, ws="none", log_level="error", timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)

    def run() -> None:
        with suppress(KeyboardInterrupt):
            server.run(sockets=[listener])

    thread = threading.Thread(target=run)
    thread.start()
    try:
        while not server.started:
            time.sleep(0.02)
        yield
    finally:
        server.should_exit = True
        thread.join()


def _photo() -> bytes:
    picture = Image.new("RGB", (400, 260), (226, 218, 204))
    draw = ImageDraw.Draw(picture)
    draw.polygon([(70, 90), (220, 60), (340, 110), (190, 150)], (190, 140, 90))
    draw.polygon([(70, 90), (190, 150), (190, 230), (70, 170)], (160, 112, 66))
    draw.polygon([(190, 150), (340, 110), (340, 190), (190, 230)], (140, 96, 54))
    draw.line([(100, 120), (150, 160), (135, 190)], (60, 40, 20), 4)
    content = BytesIO()
    picture.save(content, "JPEG", quality=90)
    return content.getvalue()
