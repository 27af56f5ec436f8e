"""Begins a session anew before a turn gets dear: Rasa posts the whole session to every action."""

import time
from collections.abc import Sequence

from rasa.shared.core.constants import ACTION_LISTEN_NAME, ACTION_SESSION_START_NAME
from rasa.shared.core.events import (
    ActionExecuted,
    ActiveLoop,
    ConversationPaused,
    ConversationResumed,
    Event,
    SessionStarted,
    SlotSet,
)
from rasa.shared.core.trackers import DialogueStateTracker

IDLE_S = 60 * 60
MAX_EVENTS = 60


def preparation(tracker: DialogueStateTracker | None) -> list[Event]:
    """What to put into a conversation before the bot answers in it: it is short and not paused.

    That the bot talks is known from the ticket store; a pause here is one that was never ended.
    """
    if tracker is None:
        return []
    resumed = [ConversationResumed()] if tracker.is_paused() else []
    return [*renewal(tracker), *resumed]


def renewal(tracker: DialogueStateTracker) -> list[Event]:
    """The events that begin a new session; none where the present one will do.

    Rasa's own renewal forgets that a person talks, and repeats every value that a slot ever had,
    in each session more of them. This keeps the pause, the form that is open, and of each slot the
    last value.
    """
    if not _is_due(tracker.events):
        return []
    # A session is read by time, from its SessionStarted on, and the action belongs to it.
    began = SessionStarted()
    executed = ActionExecuted(ACTION_SESSION_START_NAME)
    slots = [SlotSet(name, slot.value) for name, slot in tracker.slots.items() if slot.has_been_set]
    form = [ActiveLoop(tracker.active_loop_name)] if tracker.active_loop_name else []
    pause = [ConversationPaused()] if tracker.is_paused() else []
    return [executed, began, *slots, *form, *pause, ActionExecuted(ACTION_LISTEN_NAME)]


def _is_due(events: Sequence[Event]) -> bool:
    if not events:
        return False
    idle = time.time() - (events[-1].timestamp or 0.0)
    return idle > IDLE_S or len(events) > MAX_EVENTS
