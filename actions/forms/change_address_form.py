"""The form `change_address_form`."""

from actions.forms.form_action import FormAction


class ChangeAddressForm(FormAction):
    """Sends an order elsewhere."""

    def name(self) -> str:
        """Name in the domain."""
        return "change_address_form"
