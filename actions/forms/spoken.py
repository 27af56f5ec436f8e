"""The state of one turn: what it says, asks and ends."""

from actions.forms.answers import titles_of
from actions.forms.facts import facts
from actions.forms.forms import FORMS, Form
from actions.forms.hearing import Heard
from actions.forms.kinds import ASKS, YES_OR_NO
from actions.forms.state import Access, Question, Task
from actions.forms.world import Saying, World
from templates import Kind


class Spoken:
    """One message and its answer: the state, and how a turn says, asks and ends.

    Attributes:
        task: Where the form stands then; no form in it means that it ended.
        access: What this conversation may see then.
        says: What is said, in order.
        titles: Buttons below it that are worded already.
        buttons: Keys of the other buttons.
        waits: Whether the shopper waits for a person from now on.
    """

    def __init__(self, task: Task, access: Access, heard: Heard, world: World) -> None:
        """Take the state before the message, and the message."""
        self.task = task
        self.access = access
        self.heard = heard
        self.world = world
        self.says: list[Saying] = []
        self.titles: list[str] = []
        self.buttons: list[str] = []
        self.waits = False

    def _ask(self, question: Question) -> None:
        same = question is self.task.question
        failures = self.task.failures if same else 0
        self.task = self.task.but(question=question, failures=failures, person_offered=False)
        self._say(self._confirmation() if question is Question.CONFIRM else ASKS[question])
        if question in YES_OR_NO:
            self.buttons = ["yes", "no", *self.buttons]
        if question in (Question.LINE, Question.LINES):
            self.titles = titles_of(self.task, self.world.phrases)
            self.buttons = [*(["everything"] if question is Question.LINES else []), *self.buttons]

    def _confirmation(self) -> Kind:
        return "form_confirm_remove" if self.task.values.quantity == 0 else self._form().confirm

    def _end(self, *, solved: bool = False) -> None:
        """No form at hand any more; one that was left is offered."""
        ended = self.task.form if solved else self.task.solved
        self.task = Task(paused=self.task.paused, solved=ended)
        if self.task.paused:
            self.titles, self.buttons = [], []
            self.task = self.task.taken_up(self.task.paused[0].form, ask=True)
            self._ask(Question.RESUME)

    async def _hand_over(
        self, rule: str, detail: str, kind: Kind, failed: Kind, category: str | None = None
    ) -> None:
        """First the ticket is committed, then it is said."""
        ticket = await self.world.hand_over(rule, detail, category or "other")
        self.titles, self.buttons = [], []
        self.waits = ticket is not None
        self.says.append(Saying(failed if ticket is None else kind, ticket or {}))

    def _mood(self) -> None:
        if self.heard.falling and self.heard.complains:
            self._say("form_mood")
            self.buttons.append("person")

    def _request(self) -> str:
        """What is wanted, in words for the team."""
        values = self.task.values
        known = facts(self.task, self.world.phrases, self.world.now.date())
        quantity = None if values.quantity is None else f"quantity {values.quantity}"
        address = known.get("address") if values.street else None
        said = (known["task"], known.get("line"), quantity, address, values.reason)
        return "; ".join(part for part in said if part)

    def _form(self) -> Form:
        return FORMS[self.task.form or ""]

    def _open(self) -> Question:
        return self.task.question or Question.NUMBER

    def _say(self, kind: Kind) -> None:
        known = facts(self.task, self.world.phrases, self.world.now.date())
        self.says.append(Saying(kind, known))
