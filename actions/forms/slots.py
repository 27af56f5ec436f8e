"""Reads and writes the slots of the forms."""

from typing import Any

from pydantic import ValidationError
from rasa_sdk import Tracker
from rasa_sdk.events import ActiveLoop, SlotSet

from actions.forms.state import Access, Task
from actions.message import ACCESS_SLOT, TASK_SLOT


def task_of(tracker: Tracker) -> Task:
    """The form at hand; an empty one where the slot cannot be read, as after an update."""
    try:
        return Task.model_validate(tracker.get_slot(TASK_SLOT) or {})
    except ValidationError:
        return Task()


def access_of(tracker: Tracker) -> Access:
    """What this conversation may see; nothing where the slot cannot be read."""
    try:
        return Access.model_validate(tracker.get_slot(ACCESS_SLOT) or {})
    except ValidationError:
        return Access()


def active_form(tracker: Tracker) -> str | None:
    """The form that Rasa takes to be at hand."""
    name: str | None = (tracker.active_loop or {}).get("name")
    return name


def events_of(task: Task, access: Access) -> list[dict[str, Any]]:
    """The events that make Rasa know where the form stands."""
    return [
        SlotSet(TASK_SLOT, task.model_dump(mode="json", exclude_defaults=True)),
        SlotSet(ACCESS_SLOT, access.model_dump(mode="json")),
        ActiveLoop(task.form),
    ]


def paused(tracker: Tracker) -> list[dict[str, Any]]:
    """The events that leave the form at hand for later; none where there is no form."""
    form = active_form(tracker)
    if form is None:
        return []
    task = task_of(tracker)
    left = task.left() if task.form == form else task.but(form=None)
    return [
        SlotSet(TASK_SLOT, left.model_dump(mode="json", exclude_defaults=True)),
        ActiveLoop(None),
    ]
