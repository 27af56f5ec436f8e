"""One conversation with the forms as Rasa runs them."""

import asyncio
import re

from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.forms import FORM_OF_INTENT
from actions.forms.cancel_order_form import CancelOrderForm
from actions.forms.change_address_form import ChangeAddressForm
from actions.forms.change_order_form import ChangeOrderForm
from actions.forms.invoice_form import InvoiceForm
from actions.forms.refund_form import RefundForm
from actions.forms.return_form import ReturnForm
from actions.forms.track_order_form import TrackOrderForm
from actions.message import Message, triage_slot
from tickets.triage import Decision, Triage

ACTIONS = {
    action.name(): action
    for action in (
        CancelOrderForm(),
        ChangeAddressForm(),
        ChangeOrderForm(),
        InvoiceForm(),
        RefundForm(),
        ReturnForm(),
        TrackOrderForm(),
    )
}
ALEX = "cancel order A10247, alex@example.com"


class Chat:
    """One conversation; keeps slots and the active form as Rasa does."""

    def __init__(self, sender="anna"):
        self.sender = sender
        self.slots = {}
        self.form = None
        self.count = 0
        self.buttons = []

    def says(self, text, intent=None, *, confidence=0.9, action=None, again=False, rule=None):
        self.count += not again
        message = {
            "text": text,
            "intent": {"name": intent, "confidence": confidence},
            "message_id": f"m{self.count}",
            "metadata": {},
        }
        slots, form = self.before if again else (dict(self.slots), self.form)
        self.before = (dict(slots), form)
        tracker = Tracker(
            self.sender, slots, message, [], False, None, {"name": form} if form else {}, None
        )
        if rule is not None:
            decision = Triage(decision=Decision.ANSWER, rule=rule, detail="")
            slots["triage"] = triage_slot(Message.latest(tracker), decision)
        action = action or ACTIONS[form or FORM_OF_INTENT[intent]]
        dispatcher = CollectingDispatcher()
        self.slots, self.form = slots, form
        for event in asyncio.run(action.run(dispatcher, tracker, {})):
            if event["event"] == "active_loop":
                self.form = event["name"]
            else:
                self.slots[event["name"]] = event["value"]
        (said,) = dispatcher.messages
        self.buttons = [one["title"] for one in said["buttons"] or []]
        return said["text"]

    @property
    def kind(self):
        return re.fullmatch(r"en/(\w+)#.*", self.slots["last_reply"])[1]
