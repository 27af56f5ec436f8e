"""What shoppers were told against what is on record: what is lost, doubled or untrue."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Self

from angry_shopper import REFERENCE, RestShopper, Said, WebShopper
from desk_agent import NAME
from sqlalchemy import Engine, Row, text

from tickets.notices import notice

Shopper = WebShopper | RestShopper

SAVED = (
    "Your message is saved",
    "I have recorded your message",
    "a colleague has your message",
    "everything you write here goes to them",
)
"""What is said only of a message that is on record, besides words with a reference."""

DENIED = ("pass it on", "could not save", "was not sent", "was not saved")
"""What is said only of a message that is not on record and never will be."""

JOINED = notice("joined", NAME, "en")
LEFT = {notice(key, NAME, "en") for key in ("left", "left_unnamed", "released")}

TICKETS = "SELECT reference, conversation_id, category, status FROM tickets"
ON_TICKETS = """
SELECT t.reference, m.conversation_id, m.message_id, m.text
FROM ticket_messages m JOIN tickets t ON t.id = m.ticket_id
"""
LINES = "SELECT conversation_id, message_id, role, text FROM conversation_messages ORDER BY id"
EVENTS = """
SELECT o.id, t.reference, t.conversation_id, o.event, o.delivery, o.sent_at
FROM outbox o JOIN tickets t ON t.id = o.ticket_id
"""


@dataclass(frozen=True)
class Books:
    """All that is on record, as it stands at one moment."""

    tickets: list[Row[Any]]
    on_tickets: list[Row[Any]]
    lines: list[Row[Any]]
    events: list[Row[Any]]

    @classmethod
    def read(cls, engine: Engine) -> Self:
        """Read past all processes."""
        with engine.connect() as database:
            return cls(
                *(list(database.execute(text(query))) for query in QUERIES),
            )

    def on(self, shopper: Shopper, said: Said) -> list[str]:
        """References of the tickets that hold this message, one for each time."""
        return [row.reference for row in self.on_tickets if _is(row, shopper, said)]

    def heard(self, shopper: Shopper, said: Said) -> int:
        """How often it stands among what was said to the people at the desk."""
        return sum(row.role == "shopper" and _is(row, shopper, said) for row in self.lines)

    def has(self, shopper: Shopper, said: Said) -> bool:
        """Whether it is on record at all."""
        return bool(self.on(shopper, said) or self.heard(shopper, said))


QUERIES = (TICKETS, ON_TICKETS, LINES, EVENTS)


def _is(row: Row[Any], shopper: Shopper, said: Said) -> bool:
    if row.conversation_id != shopper.sender:
        return False
    # Rasa makes the ids of messages over REST; the last word is of this message alone.
    return row.message_id == said.id if said.id else said.text.rsplit(" ", 1)[1] in row.text


@dataclass
class Findings:
    """Counts, and what is wrong in words.

    Attributes:
        told: Messages of which the shopper was told that they are on record.
        unsure: Messages of which the shopper was told that it did not work, or may not have.
        unsure_on_record: Those of them that are on record all the same.
    """

    messages: int = 0
    tickets: int = 0
    told: int = 0
    unsure: int = 0
    unsure_on_record: int = 0
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    untrue: list[str] = field(default_factory=list)

    def __iadd__(self, other: "Findings") -> Self:
        for name, value in vars(other).items():
            setattr(self, name, getattr(self, name) + value)
        return self


def examine(books: Books, shoppers: Iterable[Shopper]) -> Findings:
    """Compare what these shoppers sent and read with what is on record."""
    found = Findings()
    for shopper in shoppers:
        of_shopper = [row for row in books.tickets if row.conversation_id == shopper.sender]
        found.tickets += len(of_shopper)
        found.untrue += _unknown_references(shopper, {row.reference for row in of_shopper})
        active = Counter(row.category for row in of_shopper if row.status != "resolved")
        found.doubled += [
            f"{shopper.sender}: {count} tickets about {category}"
            for category, count in active.items()
            if count > 1
        ]
        for said in shopper.said:
            _message(found, books, shopper, said)
    return found


def _unknown_references(shopper: Shopper, known: set[str]) -> list[str]:
    words = [one["text"] for said in shopper.said for one in said.words]
    read = {reference for one in words for reference in REFERENCE.findall(one)}
    return [f"{shopper.sender}: reads of {reference}, which is not theirs" for reference in
            read - known]  # fmt: skip


def _message(found: Findings, books: Books, shopper: Shopper, said: Said) -> None:
    found.messages += 1
    on, heard = books.on(shopper, said), books.heard(shopper, said)
    words = [one["text"] for one in said.words if one["text"] not in {JOINED, *LEFT}]
    named = {reference for one in words for reference in REFERENCE.findall(one)}
    told = bool(named) or any(phrase in one for one in words for phrase in SAVED)
    failed = said.error is not None or bool(words)
    what = f"{shopper.sender}: {said.text!r} to {said.to}, read {words}, {said.error}"
    if (told or not failed) and not on and not heard:
        found.lost.append(what)
    if len(on) > 1 or heard > 1:
        found.doubled.append(f"{what}: on {on}, heard {heard} times")
    if not named <= set(on) and (on or heard):
        found.untrue.append(f"{what}: on {on}")
    if (on or heard) and any(phrase in one for one in words for phrase in DENIED):
        found.untrue.append(f"{what}: on {on}, heard {heard} times")
    found.told += told
    found.unsure += failed and not told
    found.unsure_on_record += failed and not told and bool(on or heard)


def examine_stay(
    shopper: WebShopper, replies: list[str], stays: int, *, ended: bool, overtaken: int = 0
) -> Findings:
    """Compare the screen of a shopper with whom an agent talked with what the agent did.

    Args:
        shopper: The shopper.
        replies: What the agent said, in order.
        stays: How often the agent came and left.
        ended: Whether all that there was to deliver was delivered.
        overtaken: How often the agent had left before it could be said that they came; that is
            not said any more.
    """
    found = Findings()
    came = sum(text == JOINED for text in shopper.texts("notice"))
    left = sum(text in LEFT for text in shopper.texts("notice"))
    if max(came, left) > stays:
        found.doubled.append(f"{shopper.sender}: came {came}, left {left} times in {stays} stays")
    if ended and (left < stays or came < stays - overtaken):
        found.lost.append(f"{shopper.sender}: came {came}, left {left} times in {stays} stays")
    read = shopper.texts("agent")
    if read != replies:
        twice = Counter(read) - Counter(replies)
        wrong = found.doubled if twice else found.lost
        wrong.append(f"{shopper.sender}: reads {read}, not {replies}")
    found.untrue += _bot_while_agent(shopper)
    return found


def overtaken(books: Books, sender: str) -> int:
    """How often the worker had nothing to say of an agent who came, because they had left."""
    return sum(
        row.event == "chat.joined" and row.delivery == "sent" and row.sent_at is None
        for row in books.events
        if row.conversation_id == sender
    )


def _bot_while_agent(shopper: WebShopper) -> list[str]:
    """Words of the bot between the notices that an agent came and left."""
    agent, wrong = False, []
    for one in sorted(shopper.screen, key=lambda message: float(message["at"])):
        if one["text"] == JOINED or one["text"] in LEFT:
            agent = one["text"] == JOINED
        elif agent and one["role"] == "bot":
            wrong.append(f"{shopper.sender}: with an agent, reads from the bot: {one['text']!r}")
    return wrong


def examine_webhooks(books: Books, taken: list[tuple[str, dict[str, Any]]]) -> Findings:
    """Compare what the helpdesk's webhook took with the events of all tickets."""
    found, contents = Findings(), dict[str, dict[str, Any]]()
    for name, content in taken:
        if contents.setdefault(name, content) != content:
            found.untrue.append(f"webhook {name} came with two contents")
    expected = {f"{row.reference}-{row.id}" for row in books.events if "ticket." in row.event}
    found.lost += [f"webhook {name} never came" for name in expected - contents.keys()]
    found.doubled += [f"webhook {name} is of no event" for name in contents.keys() - expected]
    found.lost += [f"{row.event} {row.reference} is {row.delivery}" for row in books.events
                   if row.delivery != "sent"]  # fmt: skip
    return found
