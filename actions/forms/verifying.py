"""Who may see an order: its number and its e-mail address belong together."""

from actions.forms.spoken import Spoken
from actions.forms.state import Question, Task
from amends.orders import Order, ShopDownError


class Verifying(Spoken):
    """A turn that finds the order, once its shopper is known."""

    async def _verified(self) -> Order | None:
        """The order, once number and address are known to belong together."""
        task = self.task
        if task.order is not None:
            return task.order
        if task.number is None:
            self._ask(Question.NUMBER)
            return None
        known = self.access.email_for(task.number, self.world.now)
        email = known or task.email
        if email is None:
            self._ask(Question.EMAIL)
            return None
        try:
            return await self._looked_up(task.number, email, is_known=known is not None)
        except ShopDownError as error:
            await self._down(str(error))
            return None

    async def _looked_up(self, number: str, email: str, *, is_known: bool) -> Order | None:
        if not is_known and await self._is_closed(number):
            await self._locked()
            return None
        order = await self.world.find(number, email)
        if order is None:
            await self._refuse(number, email)
            return None
        self.access = self.access.opened(order.number, email, self.world.now)
        self.task = _with_order(self.task, order)
        return order

    async def _is_closed(self, number: str) -> bool:
        return self.access.is_closed(self.world.now) or await self.world.is_locked(number)

    async def _refuse(self, number: str, email: str) -> None:
        self.access = self.access.refused(self.world.now)
        await self.world.note_wrong(number)
        if self.access.is_closed(self.world.now):
            await self._locked()
            return
        # Its words ask for both, so that nothing says which of the two was wrong.
        self._say("form_no_match")
        tried = (number, email)
        self.task = self.task.but(
            number=None, email=None, refused=tried, question=Question.NUMBER, failures=0
        )

    async def _locked(self) -> None:
        detail = f"order number and e-mail did not belong together, while {self._request()}"
        self.task = Task(paused=self.task.paused)
        await self._hand_over("not_verified", detail, "form_locked", "escalation_failed")

    async def _down(self, error: str) -> None:
        detail = f"{self._request()}; not done, the shop's system did not answer: {error}"
        category = self._form().category
        self.task = Task(paused=self.task.paused)
        await self._hand_over("shop_down", detail, "form_down", "form_down_failed", category)

    def _expired(self) -> bool:
        number = self.task.number
        return self.task.order is not None and not (
            number and self.access.email_for(number, self.world.now)
        )


def _with_order(task: Task, order: Order) -> Task:
    """The task with its order: a single line is meant, lines that it lacks are forgotten."""
    ids = tuple(line.id for line in order.lines)
    lines = tuple(line for line in task.values.lines if line in ids)
    meant = ids if len(ids) == 1 else lines
    known = task.but(order=order, number=order.number, email=None, refused=None)
    return known.knowing(lines=meant)
