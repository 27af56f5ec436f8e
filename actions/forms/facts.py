"""What the words of a form may say of an order and of the task, as plain text."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from actions.forms.answers import item
from actions.forms.forms import FORMS
from actions.forms.phrases import Phrases
from actions.forms.state import Task
from amends.orders import Deed, Line, Order, State

SYMBOLS = {"EUR": "€", "GBP": "£", "USD": "$", "JPY": "¥", "CNY": "¥"}
LATE = (State.PROCESSING, State.SHIPPED)


def facts(task: Task, phrases: Phrases, today: date) -> dict[str, str]:
    """The facts that the words may use; those of the order where it is known."""
    known = {
        "task": task_label(task, phrases),
        "order": task.number or "",
        "quantity": "" if task.values.quantity is None else str(task.values.quantity),
        "reason": task.values.reason or "",
    }
    if task.order is None:
        return known
    late = {"late": "late" if is_late(task.order, today) else ""}
    known |= _of_order(task.order, task, phrases) | _of_lines(task.order, task, phrases)
    return known | late


def task_label(task: Task, phrases: Phrases) -> str:
    """Such as "the refund for order 10234"."""
    if task.form is None:
        return ""
    if task.number is None:
        return phrases.tasks[task.form]
    return phrases.tasks_of_order[task.form].format(order=task.number)


def money(amount: Decimal, currency: str) -> str:
    """Such as "€ 36" or "CHF 12.50"."""
    digits = 0 if amount == amount.to_integral_value() else 2
    return f"{SYMBOLS.get(currency, currency)} {amount:.{digits}f}"


def day(when: date, phrases: Phrases) -> str:
    """A day in words, such as "Tuesday, 4 March"."""
    return phrases.date.format(
        weekday=phrases.weekdays[when.weekday()], day=when.day, month=phrases.months[when.month - 1]
    )


def masked_email(email: str) -> str:
    """Enough of an address for its owner to know it: `a…@example.com`."""
    name, _, host = email.rpartition("@")
    return f"{name[:1]}…@{host}"


def is_late(order: Order, today: date) -> bool:
    """Whether it should have arrived before today."""
    return order.state in LATE and order.expected_on is not None and order.expected_on < today


def instead(order: Order, task: Task) -> list[Deed]:
    """What can be done in place of the form's deed, the best first."""
    form = FORMS[task.form or ""]
    return [deed for deed in form.instead if deed in order.possible][:1]


def _of_order(order: Order, task: Task, phrases: Phrases) -> dict[str, str]:
    refund = order.refunds[-1] if order.refunds else None
    return {
        "items": listed([item(line, phrases) for line in order.lines], phrases),
        "total": money(order.total, order.currency),
        "email": masked_email(order.email),
        "address": _address(order, task, phrases),
        "why": _why(order, task, phrases),
        "instead": " ".join(phrases.instead[deed] for deed in instead(order, task)),
        "carrier": order.carrier or "",
        "tracking": order.tracking_url or "",
        "expected": day(order.expected_on, phrases) if order.expected_on else "",
        "refund": phrases.refund_state[refund.state] if refund else "",
        "amount": money(refund.amount, order.currency) if refund and refund.amount else "",
        "refund_day": day(refund.at, phrases) if refund else "",
    }


def _of_lines(order: Order, task: Task, phrases: Phrases) -> dict[str, str]:
    meant = [line for line in order.lines if line.id in task.values.lines]
    places = [f"{place}. {item(line, phrases)}" for place, line in enumerate(order.lines, 1)]
    return {
        "lines": "; ".join(places),
        "line": listed([item(line, phrases) for line in meant], phrases),
        "article": listed([line.name for line in meant], phrases),
        "had": str(meant[0].quantity) if len(meant) == 1 else "",
        "sum": money(_sum(meant), order.currency),
    }


def _sum(lines: Sequence[Line]) -> Decimal:
    return sum((line.total for line in lines), Decimal(0))


def listed(items: Sequence[str], phrases: Phrases) -> str:
    """Such as "a, b and c"."""
    if len(items) <= 1:
        return "".join(items)
    return phrases.joined.format(first=", ".join(items[:-1]), last=items[-1])


def _address(order: Order, task: Task, phrases: Phrases) -> str:
    old, new = order.address, task.values
    return phrases.address.format(
        name=old.name,
        street=new.street or old.street,
        postcode=new.postcode or old.postcode,
        city=new.city or old.city,
        country=new.country or old.country,
    )


def _why(order: Order, task: Task, phrases: Phrases) -> str:
    form = FORMS[task.form or ""]
    reasons = phrases.why.get(form.why, {})
    if form.deed in order.possible:
        return reasons["refused"]
    if form.deed is Deed.REFUND and order.refunds and order.state is not State.REFUNDED:
        return reasons["requested"]
    return reasons.get(order.state.value, reasons["other"])
