"""The seven forms: what each asks for, and what becomes of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from actions.forms.state import Question, Task
from amends.orders import Deed
from templates import Kind


@dataclass(frozen=True)
class Form:
    """One form.

    Attributes:
        name: In the domain.
        category: Of the ticket where a person must see to it.
        questions: Asked after the order is verified, in this order; the last is the confirmation.
        deed: What is done then; None for one that only tells.
        why: Which reasons fit when it is not possible, in `forms.yml`.
        instead: What to offer then, the best first.
        confirm: Asks whether to do it.
        done: Says that it was done.
        cannot: Says that it is not possible.
    """

    name: str
    category: str
    questions: tuple[Question, ...] = (Question.CONFIRM,)
    deed: Deed | None = None
    why: str = "before"
    instead: tuple[Deed, ...] = ()
    confirm: Kind = "form_confirm_cancel"
    done: Kind = "form_done_cancel"
    cannot: Kind = "form_cannot_cancel"


_FORMS = (
    Form("track_order_form", "delivery", questions=()),
    Form(
        "cancel_order_form",
        "order_changes",
        deed=Deed.CANCEL,
        instead=(Deed.RETURN, Deed.REFUND),
    ),
    Form(
        "change_order_form",
        "order_changes",
        (Question.LINE, Question.QUANTITY, Question.CONFIRM),
        Deed.CHANGE,
        instead=(Deed.CANCEL, Deed.RETURN, Deed.REFUND),
        confirm="form_confirm_change",
        done="form_done_change",
        cannot="form_cannot_change",
    ),
    Form(
        "change_address_form",
        "delivery",
        (Question.STREET, Question.POSTCODE, Question.CITY, Question.CONFIRM),
        Deed.ADDRESS,
        instead=(Deed.CANCEL, Deed.RETURN),
        confirm="form_confirm_address",
        done="form_done_address",
        cannot="form_cannot_address",
    ),
    Form(
        "refund_form",
        "returns_and_refunds",
        (Question.LINES, Question.REASON, Question.CONFIRM),
        Deed.REFUND,
        "after",
        (Deed.RETURN, Deed.CANCEL),
        "form_confirm_refund",
        "form_done_refund",
        "form_cannot_refund",
    ),
    Form(
        "return_form",
        "returns_and_refunds",
        (Question.LINES, Question.REASON, Question.CONFIRM),
        Deed.RETURN,
        "after",
        (Deed.REFUND, Deed.CANCEL),
        "form_confirm_return",
        "form_done_return",
        "form_cannot_return",
    ),
    Form(
        "invoice_form",
        "billing_and_payment",
        deed=Deed.INVOICE,
        why="invoice",
        confirm="form_confirm_invoice",
        done="form_done_invoice",
        cannot="form_cannot_invoice",
    ),
)
FORMS: Mapping[str, Form] = MappingProxyType({form.name: form for form in _FORMS})

BUTTONS: Mapping[Deed, str] = MappingProxyType(
    {
        Deed.CANCEL: "cancel_order",
        Deed.CHANGE: "change_order",
        Deed.ADDRESS: "change_address",
        Deed.RETURN: "return",
        Deed.REFUND: "refund",
        Deed.INVOICE: "invoice",
    }
)
"""The button that begins the form of a deed."""


def next_question(form: Form, task: Task) -> Question:
    """What is to be asked: the first that has no value yet, the confirmation in the end."""
    known = {
        Question.LINE: bool(task.values.lines),
        Question.LINES: bool(task.values.lines),
        Question.QUANTITY: task.values.quantity is not None,
        Question.STREET: task.values.street is not None,
        Question.POSTCODE: task.values.postcode is not None,
        Question.CITY: task.values.city is not None,
        Question.REASON: task.values.reason is not None,
    }
    return next(question for question in form.questions if not known.get(question, False))
