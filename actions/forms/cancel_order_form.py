"""The form `cancel_order_form`."""

from actions.forms.form_action import FormAction


class CancelOrderForm(FormAction):
    """Cancels an order."""

    def name(self) -> str:
        """Name in the domain."""
        return "cancel_order_form"
