"""An action server that keeps to rasa-sdk's protocol and does what a test tells it to."""

import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

ASSESS = "action_assess_message"
FORMS = {
    "track_order_form", "cancel_order_form", "change_order_form", "change_address_form",
    "refund_form", "return_form", "invoice_form",
}  # fmt: skip
ACTIONS = FORMS | {
    ASSESS,
    "action_answer_intent",
    "action_answer_policy",
    "action_answer_complaint",
    "action_clarify",
    "action_escalate",
    "action_tell_case",
    "action_wait",
}
SLOTS = {
    "assessment", "triage", "talking", "mood", "language", "task", "access", "asked", "last_reply",
}  # fmt: skip
NO_COMPLAINT = {"decision": "answer", "rule": "no_complaint", "detail": "neutral, complaint 0.10"}


class FakeActions:
    """Answers Rasa's calls and remembers them.

    `triage` is what the next messages are triaged as, `message_id` for which message that is said
    (None: the one at hand), `talking` who talks as the ticket store says (None: it does not say),
    `failing` the actions that answer 500, `rejecting` those that answer 400 as an action does that
    refuses to run. An escalation makes the shopper wait, and leaves the form at hand.

    A form begins when it is called, and stays until `next_form` says otherwise: what each form goes
    on with, None for its end.
    """

    def __init__(self):
        self.reset()

    def reset(self):
        self.calls = []
        self.triage = dict(NO_COMPLAINT)
        self.message_id = None
        self.talking = "bot"
        self.failing = set()
        self.rejecting = set()
        self.next_form = {}

    def answer(self, call):
        """Status and body for one call, as rasa_sdk.endpoint gives them."""
        name = call["next_action"]
        self.calls.append((call["sender_id"], name))
        if name not in ACTIONS:
            error = f"No registered action found for name '{name}'."
            return 404, {"error": error, "action_name": name}
        if name in self.failing:
            return 500, {"error": "broken on purpose", "request_body": {}}
        if name in self.rejecting:
            return 400, {"error": "refused on purpose", "action_name": name}
        if name == ASSESS:
            return 200, {"events": self._slots(call), "responses": []}
        return 200, self._said(name, call["tracker"])

    def _said(self, name, tracker):
        if name == "action_wait":
            return {"events": [], "responses": []}
        message_id = tracker["latest_message"]["message_id"]
        events = self._escalated(tracker) if name == "action_escalate" else []
        if name in FORMS:
            events = self._form(name, tracker["active_loop"].get("name"))
        return {"events": events, "responses": [{"text": f"{name} {message_id}"}]}

    def _escalated(self, tracker):
        self.talking = "waiting"
        slot = {"event": "slot", "timestamp": None, "name": "talking", "value": "waiting"}
        return [slot, *([loop(None)] if tracker["active_loop"].get("name") else [])]

    def _form(self, name, active):
        """Events of a form: none while it goes on, for Rasa knows already that it is active."""
        following = self.next_form.get(name, name)
        return [] if following == active else [loop(following)]

    def _slots(self, call):
        assert call["tracker"]["slots"].keys() >= SLOTS
        message_id = self.message_id or call["tracker"]["latest_message"]["message_id"]
        values = {
            "assessment": {"text": call["tracker"]["latest_message"]["text"]},
            "triage": {"message_id": message_id, **self.triage},
        }
        if self.talking is not None:
            values["talking"] = self.talking
        return [
            {"event": "slot", "timestamp": None, "name": name, "value": value}
            for name, value in values.items()
        ]


def loop(name):
    """The event after which this form is active; None for no form."""
    return {"event": "active_loop", "timestamp": None, "name": name}


@contextmanager
def serve(actions):
    """Serve the actions on a free port; gives the address."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            call = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            status, body = actions.answer(call)
            payload = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(payload)))
            self.end_headers()
            self.wfile.write(payload)

        def log_message(self, *_):
            """Say nothing: pytest shows what matters."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()
