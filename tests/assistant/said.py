"""A message for each intent, and the action that follows where no triage says otherwise.

Said with other words than the examples, so that what is tried is the model, not its memory.
"""

SAID = {
    "greet": "hey, good evening",
    "thank": "thank you kindly",
    "goodbye": "bye, talk soon",
    "affirm": "yep, go ahead",
    "deny": "nope, rather not",
    "praise": "it works flawlessly, what a great watch",
    "bot_challenge": "am I chatting with a machine here",
    "out_of_scope": "what is the capital of australia",
    "give_order_number": "my order number is 10342",
    "track_order": "where has my bookshelf got to",
    "cancel_order": "I no longer want my order, please call it off",
    "change_order": "can you swap one of the items in my order",
    "change_shipping_address": "send my order to my office address instead",
    "get_refund": "I would like to have my money back for the lamp",
    "track_refund": "has my refund gone through yet",
    "return_item": "the shoes are too tight, I want to send them back",
    "get_invoice": "could you send me the bill for my purchase",
    "check_invoice": "I want to look at the invoice from last month",
    "check_cancellation_fee": "does it cost anything if I cancel",
    "check_payment_methods": "which ways to pay do you accept, is PayPal fine",
    "check_refund_policy": "under which conditions do you give refunds",
    "create_account": "how do I open an account with you",
    "delete_account": "please close my account for good",
    "delivery_options": "what shipping choices do you have",
    "delivery_period": "how many days does shipping usually take",
    "edit_account": "I need to update the details in my profile",
    "newsletter_subscription": "sign me up for your newsletter",
    "payment_issue": "my card keeps getting declined at checkout",
    "place_order": "how can I buy something here",
    "recover_password": "I forgot my password and can't get in",
    "registration_problems": "signing up gives me an error every time",
    "review": "where can I leave a review of the shop",
    "set_up_shipping_address": "how do I add a new delivery address to my account",
    "switch_account": "I want to use a different account than this one",
    "contact_customer_service": "what are the opening hours of customer service",
    "complaint": "one of your agents was downright nasty to me",
    "contact_human_agent": "hand this conversation to an advisor",
}

FORMS = {
    "give_order_number": "track_order_form",
    "track_order": "track_order_form",
    "track_refund": "track_order_form",
    "cancel_order": "cancel_order_form",
    "change_order": "change_order_form",
    "change_shipping_address": "change_address_form",
    "get_refund": "refund_form",
    "return_item": "return_form",
    "get_invoice": "invoice_form",
    "check_invoice": "invoice_form",
}
SMALL_TALK = (
    "greet", "thank", "goodbye", "affirm", "deny", "praise", "bot_challenge", "out_of_scope",
)  # fmt: skip
ANSWERS = (
    dict.fromkeys(SAID, "action_answer_policy")
    | dict.fromkeys(SMALL_TALK, "action_answer_intent")
    | FORMS
    | {"complaint": "action_answer_complaint", "contact_human_agent": "action_escalate"}
)
NOT_UNDERSTOOD = "flib norgle tant"
