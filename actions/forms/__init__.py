"""Forms: what a shopper wants done with an order, asked for, verified, confirmed and done.

A form is an action by the form's name, which Rasa runs in place of its own. All seven run on one
engine (`engine.py`) over a state that is plain data (`state.py`).
"""

from collections.abc import Mapping
from types import MappingProxyType

from actions.forms.slots import paused

__all__ = ["FORM_OF_INTENT", "paused"]

FORM_OF_INTENT: Mapping[str, str] = MappingProxyType(
    {
        "track_order": "track_order_form",
        "track_refund": "track_order_form",
        "give_order_number": "track_order_form",
        "cancel_order": "cancel_order_form",
        "change_order": "change_order_form",
        "change_shipping_address": "change_address_form",
        "get_refund": "refund_form",
        "return_item": "return_form",
        "get_invoice": "invoice_form",
        "check_invoice": "invoice_form",
    }
)
"""The form that an intent begins; the same as assistant/data/rules/orders.yml."""
