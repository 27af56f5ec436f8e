"""One message to a form: what becomes of the task, and what is said.

The order in which a message is read is the whole of it: "stop" before anything, then another form,
then the answer to the open question, then what leaves the question open.
"""

from actions.forms import FORM_OF_INTENT
from actions.forms.answers import FEW_WORDS, answered, is_bare, renumbered
from actions.forms.doing import Doing
from actions.forms.kinds import EXPECTS, EXPLAINS, SMALL_TALK, YES_OR_NO
from actions.forms.state import Question, Task, Values
from actions.forms.world import Saying
from nlu.policy_file import POLICY_INTENTS

SURE_BESIDE_REASON = 0.85
"""A reason is free text: what reads as another wish must do so clearly."""

HELP = ("person", "stop")
EXPLAIN_AT = 2
"""From this failure on the question is explained; after it a person is offered."""


class Turn(Doing):
    """A turn that reads the message."""

    async def begin(self, form: str) -> None:
        """Start a form, or take up the same one that was left."""
        heard = self.heard
        if heard.complains:
            self._say("form_sympathy")
        again = self.task.form == form
        self.task = Task(paused=self.task.paused) if again else self.task.left()
        if self.task.has_left(form, heard.number):
            self.task = self.task.taken_up(form, ask=False)
            self._say("form_resumed")
        else:
            self.task = self.task.begun(form, heard.intent)
        known = self.task.number or self.access.latest(self.world.now)
        self.task = self.task.but(number=heard.number or known, email=heard.email)
        await self._advance()

    async def go_on(self) -> None:
        """Read the message as the next one within the form."""
        heard, task = self.heard, self.task
        other = self._other_form()
        if self._is_stop():
            self._stop()
        elif heard.yes and task.person_offered:
            await self._person()
        elif other is not None:
            self._say("form_later")
            await self.begin(other)
        elif task.question is Question.RESUME:
            await self._resumed()
        elif self._expired():
            self._say("form_verify_again")
            self.task = task.but(order=None, email=heard.email, question=None)
            await self._advance()
        else:
            await self._heard()

    async def _heard(self) -> None:
        task, heard = self.task, self.heard
        answer = None if self._is_talk() else answered(task, heard, self.world.phrases)
        new = answer or renumbered(task, heard)
        if new is not None:
            self.task = _other_order(new) if new.number != task.number else new
            self._mood()
            await self._advance()
        elif task.question is Question.CONFIRM and heard.yes:
            await self._act()
        elif task.question is Question.CONFIRM and heard.no:
            self._say("form_nothing_done")
            self._end()
        else:
            await self._aside()

    def _is_talk(self) -> bool:
        """Whether it is small talk, where any words would be taken for an answer."""
        free = self.task.question in (Question.REASON, Question.CITY)
        return free and len(self.heard.words) <= FEW_WORDS and self.heard.means(*SMALL_TALK)

    def _is_stop(self) -> bool:
        cancels = self.task.form == "cancel_order_form"
        by_word = self.heard.stop or (self.heard.cancel and not cancels)
        return by_word or self.heard.means("goodbye")

    def _other_form(self) -> str | None:
        """The form that the message asks for, where that is sure and it is no answer."""
        heard, task = self.heard, self.task
        form = FORM_OF_INTENT.get(heard.intent or "")
        if form in (None, task.form) or heard.intent == "give_order_number" or heard.is_pasted:
            return None
        if task.question is Question.REASON and heard.confidence < SURE_BESIDE_REASON:
            return None
        sure = heard.means(heard.intent or "")
        return form if sure and not is_bare(task, heard, self.world.phrases) else None

    def _stop(self) -> None:
        if self.task.question is Question.RESUME:
            self.task = Task(solved=self.task.solved)
            self._say("form_stopped")
            return
        self._say("form_stopped")
        self._end()

    async def _person(self) -> None:
        detail = f"said yes to the offer of a person while {self._request()}"
        self.task = self.task.left()
        await self._hand_over("person", detail, "handover_person", "escalation_failed")

    async def _resumed(self) -> None:
        if self.heard.yes:
            self.task = self.task.but(question=None)
            await self._advance()
        elif self.heard.no:
            self._say("form_dropped")
            self._end()
        else:
            await self._aside()

    async def _aside(self) -> None:
        """What answers nothing: it is dealt with, and the question stays."""
        policy = await self.world.policy() if self._asks_something() else None
        talk = SMALL_TALK.get(self.heard.intent or "")
        if policy is not None:
            self.says.append(Saying(None, text=policy))
        elif talk is not None and self.heard.means(self.heard.intent or ""):
            self._say(talk)
        elif self.heard.complains:
            self._say("form_sympathy")
            self._mood()
        else:
            self._failed()
            return
        self._ask(self._open())

    def _asks_something(self) -> bool:
        text = self.heard.text
        asks = len(self.heard.words) > 1 and text.endswith("?")
        return not self.heard.is_pasted and (asks or self.heard.means(*POLICY_INTENTS))

    def _failed(self) -> None:
        question, failures = self._open(), self.task.failures + 1
        if self.heard.no:
            # Who has no answer needs to know at once where there is one.
            failures = max(failures, EXPLAIN_AT)
        if failures == 1:
            self._say(EXPECTS.get(question, "form_expect"))
            self._mood()
        else:
            self._say(EXPLAINS[question] if failures == EXPLAIN_AT else "form_offer_person")
        self._ask(question)
        offered = failures > EXPLAIN_AT and question not in YES_OR_NO
        self.task = self.task.but(failures=failures, person_offered=offered)
        self.buttons += [key for key in HELP if failures > 1 and key not in self.buttons]


def _other_order(task: Task) -> Task:
    return task.but(order=None, question=None, values=Values())
