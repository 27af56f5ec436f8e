"""What a form comes to: the next question, the deed, or why there is none."""

from actions.forms.facts import instead, is_late
from actions.forms.forms import BUTTONS, next_question
from actions.forms.kinds import STATUS
from actions.forms.state import Task
from actions.forms.verifying import Verifying
from amends.orders import Deed, NotPossibleError, Order, ShopDownError

MOST_BUTTONS = 4


class Doing(Verifying):
    """A turn that asks, does and tells, for an order that is verified."""

    async def _advance(self) -> None:
        """Verify, then ask the next thing there is to ask, or tell what there is to tell."""
        order = await self._verified()
        if order is None:
            return
        form = self._form()
        if form.deed is None:
            self._tell(order)
        elif form.deed not in order.possible:
            self._cannot(order)
        elif self._is_last_line_out(order):
            self._say("form_last_line")
            self.buttons += ["cancel_order"] if Deed.CANCEL in order.possible else ["person"]
            self._end()
        else:
            self._ask(next_question(form, self.task))

    def _is_last_line_out(self, order: Order) -> bool:
        return self.task.values.quantity == 0 and len(order.lines) == 1

    async def _act(self) -> None:
        try:
            order = await self.world.act(self.task)
        except NotPossibleError:
            await self._refused_deed()
        except ShopDownError as error:
            await self._unclear(str(error))
        else:
            self.task = self.task.but(order=order) if self._shows_new(order) else self.task
            removed = self.task.values.quantity == 0
            self._say("form_done_remove" if removed else self._form().done)
            self._end(solved=True)

    async def _unclear(self, error: str) -> None:
        """Nobody knows whether it was done: a person looks, and nothing is tried again."""
        detail = f"{self._request()}; it is not known whether it was done: {error}"
        category = self._form().category
        self.task = Task(paused=self.task.paused)
        await self._hand_over("shop_down", detail, "form_unclear", "form_unclear_failed", category)

    def _shows_new(self, order: Order) -> bool:
        # The words of a line that was taken out come from the order as it was.
        return set(self.task.values.lines) <= {line.id for line in order.lines}

    async def _refused_deed(self) -> None:
        """Say why, of the order as it is now: it may have changed since it was shown."""
        order = self.task.order
        email = self.access.email_for(self.task.number or "", self.world.now)
        try:
            fresh = await self.world.find(self.task.number or "", email or "")
        except ShopDownError:
            fresh = None
        order = fresh or order
        assert order is not None
        self.task = self.task.but(order=order)
        self._cannot(order)

    def _cannot(self, order: Order) -> None:
        self._say(self._form().cannot)
        self.buttons += [BUTTONS[deed] for deed in instead(order, self.task)] + ["person"]
        self._end()

    def _tell(self, order: Order) -> None:
        if self.task.intent == "track_refund":
            self._say("track_refund" if order.refunds else "track_no_refund")
        else:
            self._say(STATUS[order.state])
        if is_late(order, self.world.now.date()):
            self._say("track_late")
            self.buttons.append("person")
        if self.task.intent == "give_order_number":
            possible = [BUTTONS[deed] for deed in BUTTONS if deed in order.possible]
            self.buttons += possible[: MOST_BUTTONS - len(self.buttons)]
        self._end(solved=True)
