"""The form `invoice_form`."""

from actions.forms.form_action import FormAction


class InvoiceForm(FormAction):
    """Sends the invoice to the address of the order."""

    def name(self) -> str:
        """Name in the domain."""
        return "invoice_form"
