"""How a shopper's mood goes over a conversation."""

from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field

from nlu.assessment import Assessment, Polarity, Unreadable
from tickets.anger import anger, is_good_news
from tickets.cues import Cue, shipped_cues

KEPT = 0.8
"""So much of the level is left after a calm message: a half after three of them."""
TAKEN = 0.7
"""So much of one message's anger goes into the level."""
UPPER = 0.7
"""At this level the conversation counts as upset."""
LOWER = 0.3
"""Below this level it counts as calm again."""

LIKELY_COMPLAINT = 0.5
"""From this probability on a message that is not positive counts as a complaint."""

RECENT = 3
FALL = 0.25
NOT_UNDERSTOOD = "nlu_fallback"
"""The intent of a message that the assistant did not understand."""

Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]


class Mood(BaseModel):
    """How angry a shopper is with the shop, and what was tried in vain.

    The level is a leaky noisy-OR of the anger of all messages so far: of the evidence before,
    `KEPT` is left at each message, as in exponential smoothing (Brown 1959, "Statistical
    Forecasting for Inventory Control"), and what the message adds is a further cause that may
    suffice alone (Pearl 1988; the leak after Henrion 1989):

        level = 1 − (1 − KEPT · level before) (1 − TAKEN · anger)

    One angry message is not enough, two are; a calm one takes a fifth away. The mood is upset from
    `UPPER` on and stays so until the level is below `LOWER` (a Schmitt trigger), so that one calm
    "ok" ends nothing.

    Attributes:
        level: Anger of the conversation.
        anger: Anger of the latest message alone.
        upset: Whether the conversation is upset, with hysteresis.
        complaints: How many complaints came since the last solution.
        complained: Whether there was ever one in the conversation.
        is_complaint: Whether the latest message is one.
        is_counted: Whether it counts among `complaints`.
        misses: How many messages in a row were not understood.
        falling: Whether the latest message is clearly angrier than one of the last few.
        recent: Anger of the last few messages, the latest last.
        cues: What the words of the latest message tell.
        message_id: The latest message; the same one counts once.
    """

    model_config = ConfigDict(frozen=True)

    level: Share = 0.0
    anger: Share = 0.0
    upset: bool = False
    complaints: Annotated[int, Field(ge=0)] = 0
    complained: bool = False
    is_complaint: bool = False
    is_counted: bool = False
    misses: Annotated[int, Field(ge=0)] = 0
    falling: bool = False
    recent: tuple[Share, ...] = ()
    cues: tuple[Cue, ...] = ()
    message_id: str = ""

    def after(
        self,
        found: Assessment | Unreadable,
        intent: str | None = None,
        message_id: str = "",
        *,
        is_answer: bool = False,
    ) -> Self:
        """The mood after one more message.

        Args:
            found: What the understanding room says of the message.
            intent: What the assistant takes it for; None when it has no guess.
            message_id: Names it; a message that came before changes nothing.
            is_answer: Whether it answers a question of ours, as in a form, which explains itself
                and counts on its own: it is then neither one more complaint nor one more that was
                not understood.

        Raises:
            CuesError: the file of cues cannot be used.
        """
        if message_id and message_id == self.message_id:
            return self
        cues = shipped_cues().find(found.text)
        now = anger(found, cues) if isinstance(found, Assessment) else 0.0
        complains = isinstance(found, Assessment) and _complains(found, cues, self)
        # What feels negative is answered by its category, whatever its intent.
        missed = intent == NOT_UNDERSTOOD and not (complains or _is_negative(found))
        misses = self.misses + 1 if missed else 0
        return self._angered(now).model_copy(
            update={
                "complaints": self.complaints + (complains and not is_answer),
                "complained": self.complained or complains,
                "is_complaint": complains,
                "is_counted": complains and not is_answer,
                "misses": self.misses if is_answer else misses,
                "cues": tuple(sorted(cues)),
                "message_id": message_id,
            }
        )

    def _angered(self, now: float) -> Self:
        """The mood with the anger of one more message in its level."""
        level = 1 - (1 - KEPT * self.level) * (1 - TAKEN * now)
        return self.model_copy(
            update={
                "level": level,
                "anger": now,
                "upset": level >= (LOWER if self.upset else UPPER),
                "falling": now - min(self.recent, default=now) >= FALL,
                "recent": (*self.recent, now)[-RECENT:],
            }
        )

    def solved(self) -> Self:
        """The mood after a solution: what was complained of before is over.

        A person who was upset is not calm at once, but needs a new reason to be passed on.
        """
        return self.model_copy(
            update={"complaints": 0, "misses": 0, "upset": False, "level": min(self.level, LOWER)}
        )


def _is_negative(found: Assessment | Unreadable) -> bool:
    return isinstance(found, Assessment) and found.polarity is Polarity.NEGATIVE


def _complains(found: Assessment, cues: frozenset[Cue], before: Mood) -> bool:
    if Cue.SCORN in cues:
        return True
    if is_good_news(found, cues) or found.polarity is Polarity.POSITIVE:
        return False
    # "No, it is still there" is a complaint where there was one before.
    insists = before.complaints > 0 and Cue.AGAIN in cues
    return insists or found.complaint >= LIKELY_COMPLAINT
