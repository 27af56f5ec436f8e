"""The form `refund_form`."""

from actions.forms.form_action import FormAction


class RefundForm(FormAction):
    """Asks the shop's people for money back."""

    def name(self) -> str:
        """Name in the domain."""
        return "refund_form"
