"""Where a form stands, as data: what is asked, what is known, what was left for later."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Self

from pydantic import BaseModel, ConfigDict, Field

from amends.orders import Order

MOST_PAUSED = 3
VERIFIED_FOR = timedelta(minutes=30)
MOST_WRONG = 3
WRONG_FORGOTTEN = timedelta(hours=24)


class Question(StrEnum):
    """What a form can ask."""

    NUMBER = "number"
    EMAIL = "email"
    LINE = "line"
    LINES = "lines"
    QUANTITY = "quantity"
    STREET = "street"
    POSTCODE = "postcode"
    CITY = "city"
    REASON = "reason"
    CONFIRM = "confirm"
    RESUME = "resume"
    """Whether to go on with a form that was left."""


class Values(BaseModel):
    """What the shopper said of the deed, besides which order it is for.

    Attributes:
        lines: Ids of the lines that are meant.
        quantity: How many there are to be.
        street: Where it is to go, with the house number.
        postcode: Of that place.
        city: Of that place.
        country: Two letters; None means that of the order.
        reason: In the shopper's words, masked.
    """

    model_config = ConfigDict(frozen=True)

    lines: tuple[str, ...] = ()
    quantity: int | None = None
    street: str | None = None
    postcode: str | None = None
    city: str | None = None
    country: str | None = None
    reason: str | None = None


class Left(BaseModel):
    """A form that was left for another one."""

    model_config = ConfigDict(frozen=True)

    form: str
    intent: str | None = None
    number: str | None = None
    values: Values = Values()


class Task(BaseModel):
    """The form at hand.

    Attributes:
        form: Its name; None when there is none.
        intent: The intent that began it: one form can be begun by several.
        question: What is open; None before the first.
        number: Of the order.
        email: Given before the number, until the two are tried.
        refused: Number and e-mail address that did not belong together, tried last; who corrects
            one of them means the other as it was.
        order: As the shop showed it to its verified shopper.
        values: What else was said.
        failures: How often in a row the open question got no answer.
        person_offered: Whether the last words offered a person, so that a yes means that.
        paused: Forms that were left, the newest first.
        solved: The form that ended last with what the shopper wanted.
    """

    model_config = ConfigDict(frozen=True)

    form: str | None = None
    intent: str | None = None
    question: Question | None = None
    number: str | None = None
    email: str | None = None
    refused: tuple[str, str] | None = None
    order: Order | None = None
    values: Values = Values()
    failures: int = Field(0, ge=0)
    person_offered: bool = False
    paused: tuple[Left, ...] = Field((), max_length=MOST_PAUSED)
    solved: str | None = None

    def but(self, **changes: object) -> Self:
        """The same with some fields changed."""
        return self.model_copy(update=changes)

    def knowing(self, **changes: object) -> Self:
        """The same with some values changed."""
        return self.but(values=self.values.model_copy(update=changes))

    def left(self) -> "Task":
        """No form at hand; this one is the newest of those that were left."""
        if self.form is None:
            return self
        this = Left(form=self.form, intent=self.intent, number=self.number, values=self.values)
        others = tuple(one for one in self.paused if one.form != this.form)
        return Task(paused=(this, *others)[:MOST_PAUSED], solved=self.solved)

    def begun(self, form: str, intent: str | None) -> "Task":
        """That form at hand from its start, with the others as they are."""
        return Task(form=form, intent=intent, paused=self.paused)

    def taken_up(self, form: str, *, ask: bool) -> "Task":
        """A form that was left, at hand again; with `ask`, the shopper is asked first."""
        one = next(left for left in self.paused if left.form == form)
        return Task(
            form=one.form,
            intent=one.intent,
            question=Question.RESUME if ask else None,
            number=one.number,
            values=one.values,
            paused=tuple(left for left in self.paused if left is not one),
            solved=self.solved,
        )

    def has_left(self, form: str, number: str | None) -> bool:
        """Whether that form was left, and for that order where one is named."""
        return any(one.form == form and number in (None, one.number) for one in self.paused)


class Verified(BaseModel):
    """An order that its shopper proved to be theirs."""

    model_config = ConfigDict(frozen=True)

    email: str
    at: datetime


class Access(BaseModel):
    """What this conversation may see.

    Attributes:
        verified: By order number, the latest last.
        wrong: When a number and an e-mail address did not belong together.
    """

    model_config = ConfigDict(frozen=True)

    verified: Mapping[str, Verified] = Field(default_factory=dict)
    wrong: tuple[datetime, ...] = ()

    def email_for(self, number: str, now: datetime) -> str | None:
        """The address that opened the order not long ago; None where it must be asked for."""
        known = self.verified.get(number)
        return known.email if known and now - known.at < VERIFIED_FOR else None

    def latest(self, now: datetime) -> str | None:
        """The order verified last, while that holds."""
        known = [number for number in self.verified if self.email_for(number, now)]
        return known[-1] if known else None

    def opened(self, number: str, email: str, now: datetime) -> "Access":
        """With this order verified; one that is verified stays so no longer for it."""
        if self.email_for(number, now):
            return self
        others = {known: one for known, one in self.verified.items() if known != number}
        return self.model_copy(
            update={"verified": {**others, number: Verified(email=email, at=now)}}
        )

    def refused(self, now: datetime) -> "Access":
        """With one more try that was wrong."""
        return self.model_copy(update={"wrong": (*self._wrong_lately(now), now)})

    def is_closed(self, now: datetime) -> bool:
        """Whether it was wrong too often to be tried again here."""
        return len(self._wrong_lately(now)) >= MOST_WRONG

    def _wrong_lately(self, now: datetime) -> tuple[datetime, ...]:
        return tuple(at for at in self.wrong if now - at < WRONG_FORGOTTEN)
