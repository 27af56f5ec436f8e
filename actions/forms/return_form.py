"""The form `return_form`."""

from actions.forms.form_action import FormAction


class ReturnForm(FormAction):
    """Announces that something comes back."""

    def name(self) -> str:
        """Name in the domain."""
        return "return_form"
