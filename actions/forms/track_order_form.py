"""The form `track_order_form`."""

from actions.forms.form_action import FormAction


class TrackOrderForm(FormAction):
    """Tells where an order, or the money for it, is."""

    def name(self) -> str:
        """Name in the domain."""
        return "track_order_form"
