"""Which words belong to which question, state and intent."""

from collections.abc import Mapping
from types import MappingProxyType

from actions.forms.state import Question
from amends.orders import State
from templates import Kind

ASKS: Mapping[Question, Kind] = MappingProxyType(
    {
        Question.NUMBER: "form_ask_number",
        Question.EMAIL: "form_ask_email",
        Question.LINE: "form_ask_line",
        Question.LINES: "form_ask_lines",
        Question.QUANTITY: "form_ask_quantity",
        Question.STREET: "form_ask_street",
        Question.POSTCODE: "form_ask_postcode",
        Question.CITY: "form_ask_city",
        Question.REASON: "form_ask_reason",
        Question.RESUME: "form_resume",
    }
)
EXPECTS: Mapping[Question, Kind] = MappingProxyType(
    {Question.NUMBER: "form_expect_number", Question.EMAIL: "form_expect_email"}
)
EXPLAINS: Mapping[Question, Kind] = MappingProxyType(
    {
        Question.NUMBER: "form_explain_number",
        Question.EMAIL: "form_explain_email",
        Question.LINE: "form_explain_lines",
        Question.LINES: "form_explain_lines",
        Question.QUANTITY: "form_explain_quantity",
        Question.STREET: "form_explain_address",
        Question.POSTCODE: "form_explain_address",
        Question.CITY: "form_explain_address",
        Question.REASON: "form_explain_reason",
        Question.CONFIRM: "form_explain_confirm",
        Question.RESUME: "form_explain_confirm",
    }
)
SMALL_TALK: Mapping[str, Kind] = MappingProxyType(
    {
        "greet": "form_hello",
        "thank": "form_welcome",
        "praise": "form_welcome",
        "bot_challenge": "form_program",
    }
)
STATUS: Mapping[State, Kind] = MappingProxyType(
    {
        State.UNPAID: "track_unpaid",
        State.PROCESSING: "track_processing",
        State.SHIPPED: "track_shipped",
        State.DELIVERED: "track_delivered",
        State.CANCELLED: "track_cancelled",
        State.REFUNDED: "track_refunded",
        State.UNKNOWN: "track_unknown",
    }
)
YES_OR_NO = (Question.CONFIRM, Question.RESUME)
