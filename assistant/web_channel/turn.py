"""From an accepted message to words on the shopper's screen, whatever fails on the way."""

import asyncio
import logging
import traceback
import uuid
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

from rasa.core.agent import Agent
from rasa.shared.core.events import ConversationPaused, Event

from assistant.web_channel import heard, trackers
from assistant.web_channel.actions_endpoint import protect
from assistant.web_channel.kept import Kept, KeptError
from assistant.web_channel.messages import message
from assistant.web_channel.output import TurnOutput, as_event
from assistant.web_channel.said import Said
from assistant.web_channel.screen import Screen
from assistant.web_channel.sessions import preparation
from assistant.web_channel.talking import BOT, Talking
from assistant.web_channel.trackers import TrackersDownError
from assistant.web_channel.watchdog import Ended, Ending, Times, watch
from assistant.web_channel.words import Words

logger = logging.getLogger(__name__)

STATE_S = 1.0
INBOX_S = 3.0
NOTE_S = 5.0


class NotReadyError(Exception):
    """Rasa has no model loaded."""


class Turns:
    """Runs turns; one at a time for a sender, the caller queues.

    Attributes:
        agent: Rasa's agent as it is now.
        talking: who talks with a shopper.
        kept: where a message waits for what is down; delivers to `inbox` and `tracker`.
        words: what is said when there is no answer.
        times: when the shopper is told that it takes longer, and that there is no answer.
        told: senders who know that the person they talk with cannot be reached now.
    """

    def __init__(
        self,
        agent: Callable[[], Agent],
        talking: Talking,
        kept: Kept,
        words: Words,
        times: Times = Times(),  # noqa: B008 - frozen
    ) -> None:
        self.agent = agent
        self.talking = talking
        self.kept = kept
        self.words = words
        self.times = times
        self.told: set[str] = set()

    async def run(self, said: Said, screen: Screen) -> None:
        """Answer, or say why there is no answer. Never raises."""
        try:
            await Turn(self, said, screen).run()
        except Exception as error:  # noqa: BLE001 - the shopper's next message must not suffer
            log(said, error)

    def ready_agent(self) -> Agent:
        """The agent, with its endpoint and its store guarded.

        Raises:
            NotReadyError: there is none that could answer.
        """
        agent = self.agent()
        if agent is None or not agent.is_ready():
            raise NotReadyError("Rasa: expected a loaded model, found none. Its log says why.")
        protect(agent, self.words)
        trackers.guard(agent)
        return agent


class Turn:
    """One message's way through Rasa, or past it."""

    def __init__(self, turns: Turns, said: Said, screen: Screen) -> None:
        """Nothing happens yet."""
        self._of = turns
        self._said = said
        self._screen = screen
        self._output = TurnOutput(screen, self._bot_talks)
        # Told before any answer, and no answer itself.
        self._told: list[dict[str, Any]] = []
        self._owner = BOT
        self._is_repeat = False
        self._is_kept = False

    async def run(self) -> None:
        """Answer in time, or say that there is no answer."""
        if self._said.had_card:
            await self._tell_of_card()
        ended = await watch(
            self._work(),
            self._said.received,
            self._of.times,
            still_looking=self._still_looking,
            too_late=self._output.close,
        )
        self._output.close()
        if ended.error is not None:
            log(self._said, ended.error)
        await self._conclude(ended)
        if self._owner.who == "bot":
            await self._state(typing=False)

    async def _work(self) -> None:
        self._owner = await self._of.talking.who(self._said.sender)
        if self._owner.who == "bot":
            await self._state(typing=True)
            await self._answer()
        else:
            await self._show(self._screen.talking(self._owner.who, self._owner.name))
            await self._pass_on()

    async def _answer(self) -> None:
        """Have Rasa answer, in a session that is short and not paused."""
        agent = self._of.ready_agent()
        sender = self._said.sender
        await self._catch_up()
        async with trackers.lock(sender):
            tracker = await agent.tracker_store.retrieve(sender)
            known = [] if tracker is None else map(trackers.id_of, tracker.events)
            self._is_repeat = self._said.id in known
            if self._is_repeat:
                return
            before = [*preparation(tracker), *map(as_event, self._told)]
            if before:
                await trackers.record(agent, sender, before)
            await agent.handle_message(heard.for_rasa(self._said, self._output))

    async def _catch_up(self) -> None:
        """What this shopper said while the trackers were down goes before what they say now."""
        try:
            caught_up = await self._of.kept.give(heard.TRACKER, self._said.sender)
        except KeptError as error:
            log(self._said, error)
            return
        if not caught_up:
            raise TrackersDownError("tracker database: it does not take what was kept for it")

    async def _pass_on(self) -> None:
        """Give the message to who talks or is waited for; the bot has no part in it."""
        await self._keep_for_inbox()
        if await self._inbox_took_it():
            self._of.told.discard(self._said.sender)
        elif self._said.sender not in self._of.told:
            self._of.told.add(self._said.sender)
            await self._say_that_it_waits()
        await self._note([ConversationPaused()])

    async def _inbox_took_it(self) -> bool:
        giving = self._of.kept.give(heard.INBOX, self._said.sender)
        try:
            return await asyncio.wait_for(giving, INBOX_S)
        except asyncio.TimeoutError:  # noqa: UP041 - Python 3.10
            return False

    async def _conclude(self, ended: Ended) -> None:
        if self._owner.who != "bot":
            await self._conclude_for_person(ended)
        elif not self._bot_talks():
            await self._taken_over()
        elif isinstance(ended.error, TrackersDownError):
            await self._without_trackers()
        elif ended.ending is not Ending.DONE:
            await self._apologise("late" if ended.ending is Ending.LATE else "broken")
        elif not self._output.spoken and not self._is_repeat:
            await self._without_words()

    async def _conclude_for_person(self, ended: Ended) -> None:
        if not self._is_kept:
            await self._say("notice", "not_kept")
        if ended.ending is not Ending.DONE:
            await self._note([ConversationPaused()])

    async def _taken_over(self) -> None:
        """A person came while the bot was at it: the message is theirs."""
        try:
            await self._keep_for_inbox()
        except KeptError as error:
            log(self._said, error)
            await self._say("notice", "not_kept")
        await self._note([ConversationPaused()])

    async def _without_words(self) -> None:
        # The actions ask the ticket store too, and say nothing to who waits since a moment ago.
        try:
            owner = await self._of.talking.who(self._said.sender)
        except TrackersDownError:
            owner = BOT
        if owner.who == "bot":
            await self._apologise("no_words")
        else:
            await self._show(self._screen.talking(owner.who, owner.name))
            await self._taken_over()

    async def _apologise(self, key: str) -> None:
        if not self._output.spoken:
            await self._say("bot", key)
        await self._note()

    async def _without_trackers(self) -> None:
        """Keep the message; say that it is kept only once it is."""
        if self._output.spoken:
            await self._note()
            return
        notice = self._composed("notice", "kept")
        try:
            await self._keep_for_inbox()
            await self._keep_for_tracker(heard.exchange(self._said, [*self._told, notice]))
        except KeptError as error:
            log(self._said, error)
            notice = self._composed("notice", "not_kept")
        await self._output.say(notice)

    async def _note(self, more: Sequence[Event] = ()) -> None:
        """Put what was said in this turn into the tracker, now or when it is back."""
        shown = [*self._told, *self._output.spoken]
        events = heard.exchange(self._said, shown, more)
        try:
            agent = self._of.ready_agent()
            adding = trackers.add_missing(agent, self._said.sender, events)
            await asyncio.wait_for(adding, NOTE_S)
        except (TrackersDownError, NotReadyError, asyncio.TimeoutError):  # noqa: UP041
            await self._keep_for_tracker(events)

    async def _keep_for_tracker(self, events: Sequence[Event]) -> None:
        await self._of.kept.keep(heard.for_tracker(self._said, events))

    async def _keep_for_inbox(self) -> None:
        await self._of.kept.keep(heard.for_inbox(self._said))
        self._is_kept = True

    async def _say_that_it_waits(self) -> None:
        if self._owner.name:
            await self._say("notice", "kept_for_agent", name=self._owner.name)
        else:
            await self._say("notice", "kept_for_colleague")

    async def _tell_of_card(self) -> None:
        text = self._of.words.say("card_removed", self._said.language)
        # The same message a second time has the same notice.
        notice = message(f"{self._said.id[:59]}-card", "notice", text)
        self._told.append(notice)
        await self._show(self._screen.show(notice))

    async def _say(self, role: str, key: str, **facts: str) -> None:
        await self._output.say(self._composed(role, key, **facts))

    def _composed(self, role: str, key: str, **facts: str) -> dict[str, Any]:
        text = self._of.words.say(key, self._said.language, **facts)
        return message(uuid.uuid4().hex, role, text)

    def _bot_talks(self) -> bool:
        """Whether no person came since the turn began.

        The turn that hands the shopper over still has words for them: who waits only since then
        reads them.
        """
        known = self._of.talking.last_known(self._said.sender)
        return known is None or known.who != "agent"

    async def _still_looking(self) -> None:
        if self._owner.who == "bot":
            await self._state(typing=True, still_looking=True)

    async def _state(self, *, typing: bool, still_looking: bool = False) -> None:
        await self._show(self._screen.state(typing=typing, still_looking=still_looking))

    async def _show(self, showing: Coroutine[Any, Any, None]) -> None:
        try:
            await asyncio.wait_for(showing, STATE_S)
        except Exception as error:  # noqa: BLE001 - dots are not worth an answer
            log(self._said, error)


def log(said: Said, error: BaseException) -> None:
    """Say what failed and where; not the error's own words, which may be the shopper's."""
    where = "".join(traceback.format_tb(error.__traceback__))
    logger.error("message %s: %s\n%s", said.id, type(error).__name__, where)
