"""What callers send: references, names and words, checked before anything is done with them."""

import re
from collections import Counter
from typing import Annotated, Literal

from fastapi import Depends, Path, Request
from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic.json_schema import SkipJsonSchema

from desk.api.problems import ProblemError
from nlu.assessment import Intensity, Polarity
from tickets.case import Status
from tickets.database import TicketStoreError
from tickets.lookup import NotFoundError
from tickets.queue import MAX_PAGE, Filter
from tickets.reference import as_reference
from tickets.takeover import NAME_CHARS, agent_name

_REFERENCE = re.compile(r"AM-[0-9A-Z]{6}")

WORDS = r"^[^\x00]*[^\s\x00-\x1f\x7f-\x9f][^\x00]*$"
"""At least one sign that can be seen, and no NUL, which databases refuse."""


def _known_shape(
    reference: Annotated[
        str, Path(min_length=1, max_length=32, description="Such as AM-K7RD4X, in any capitals.")
    ],
) -> str:
    found = as_reference(reference)
    # Not even looked for: databases refuse some signs, and no ticket has them.
    if not _REFERENCE.fullmatch(found):
        raise NotFoundError(
            "Expected the reference of a ticket, such as AM-K7RD4X, found something else. "
            "List tickets with GET /api/v1/tickets."
        )
    return found


Reference = Annotated[str, Depends(_known_shape)]
"""A ticket's reference from the path, as it is stored."""


def each_once(request: Request) -> None:
    """Dependency: of a parameter that comes twice nobody knows which one counts.

    Raises:
        ProblemError: 422, with its name.
    """
    names = Counter(name for name, _ in request.query_params.multi_items())
    name, times = next(iter(names.most_common(1)), ("", 0))
    if times > 1:
        known = name if name.isidentifier() else "a parameter"
        raise ProblemError(422, f"Expected {known} once, found it {times} times. Send one of them.")


def _name(typed: str) -> str:
    try:
        return agent_name(typed)
    except TicketStoreError as error:
        raise ValueError(f"expected a name of 1 to {NAME_CHARS} printable characters") from error


class Body(BaseModel):
    """A JSON object; what it does not know it refuses."""

    model_config = ConfigDict(extra="forbid", frozen=True)


# In an address there is no null: what does not matter is left out.
_Sought = Annotated[str, Field(max_length=255)] | SkipJsonSchema[None]


class Wanted(Body):
    """Which tickets; a filter that is misspelt is refused, not passed over."""

    status: Status | SkipJsonSchema[None] = None
    owner: Annotated[_Sought, Field(description="A login, or nobody.")] = None
    category: _Sought = None
    rule: Annotated[_Sought, Field(description="The rule that opened them.")] = None
    text: Annotated[
        _Sought, Field(description="Somewhere in reference, category, name or messages.")
    ] = None
    page: int = Field(1, ge=1, le=MAX_PAGE)

    @property
    def filter(self) -> Filter:
        """As the queue knows it."""
        return Filter.model_validate(self.model_dump())


class WantedDeliveries(Body):
    """Which deliveries."""

    delivery: Literal["pending", "dead"] | SkipJsonSchema[None] = Field(
        None, description="Only these; both when left out."
    )
    limit: int = Field(100, ge=1, le=1000, description="At most so many.")


class Claim(Body):
    """Who talks with the shopper from now on."""

    agent: Annotated[
        str,
        Field(
            min_length=1,
            max_length=NAME_CHARS,
            description="As the shopper shall read it; at least one sign that can be seen.",
        ),
        AfterValidator(_name),
    ]


class Assignment(Body):
    """Whose ticket it shall be."""

    to: Annotated[
        str | None,
        Field(max_length=100, description="Login of an agent at the desk; null for nobody's."),
    ]


class NewNote(Body):
    """What other agents shall know; no shopper reads it. Personal data is masked."""

    text: Annotated[str, Field(max_length=100_000, pattern=WORDS)]


class NewReply(Body):
    """What the shopper shall read."""

    text: Annotated[str, Field(max_length=100_000, pattern=WORDS)]


_SAID = {"polarity": "string", "intensity": "string", "category": "string", "escalate": "boolean"}


class NewLabel(Body):
    """What is right of a message; at least one of the four is needed."""

    model_config = ConfigDict(
        json_schema_extra={
            "anyOf": [
                {"required": [name], "properties": {name: {"type": kind}}}
                for name, kind in _SAID.items()
            ]
        }
    )

    polarity: Polarity | None = None
    intensity: Intensity | None = None
    category: Annotated[
        str | None, Field(max_length=100, description="One of the shop's categories, or other.")
    ] = None
    escalate: Annotated[
        bool | None, Field(strict=True, description="Whether a person should see it.")
    ] = None
    message_id: Annotated[
        str | None, Field(max_length=255, description="The ticket's last message when left out.")
    ] = None
