"""The form `change_order_form`."""

from actions.forms.form_action import FormAction


class ChangeOrderForm(FormAction):
    """Changes how many of an article are in an order."""

    def name(self) -> str:
        """Name in the domain."""
        return "change_order_form"
