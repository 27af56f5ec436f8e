"""Acts on who talks and on the triage of the message at hand, whatever its intent."""

from collections.abc import Collection
from typing import Any

from rasa.core.policies.policy import Policy, PolicyPrediction
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.shared.core.constants import ACTION_LISTEN_NAME
from rasa.shared.core.domain import Domain
from rasa.shared.core.generator import TrackerWithCachedStates
from rasa.shared.core.trackers import DialogueStateTracker

TALKING_SLOT = "talking"
TRIAGE_SLOT = "triage"
WAIT = "action_wait"
ESCALATE = "action_escalate"
ANSWER_COMPLAINT = "action_answer_complaint"
TELL_CASE = "action_tell_case"
CLARIFY = "action_clarify"
TRACK_ORDER = "track_order_form"

DECISIONS = {"escalate": ESCALATE, "clarify": CLARIFY}
ANSWERS = {
    "complaint": ANSWER_COMPLAINT,
    "positive_close": ANSWER_COMPLAINT,
    "case_status": TELL_CASE,
    "order_named": TRACK_ORDER,
}
"""What answers a message by the rule of its triage; other rules leave it to the intent."""
IN_A_FORM = (ESCALATE, TELL_CASE)


@DefaultV1Recipe.register(
    DefaultV1Recipe.ComponentType.POLICY_WITHOUT_END_TO_END_SUPPORT, is_trainable=False
)
class TriagePolicy(Policy):
    """Is silent while a person talks or is waited for; else acts on the triage of this message.

    A rule cannot do this: it needs an intent, and this counts on any. Where this policy has nothing
    to say, the rules decide, which give what is said in a form to the form.
    """

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Above RulePolicy (6), so that it wins when both are certain."""
        return {"priority": 9, "max_history": None}

    def train(
        self,
        training_trackers: list[TrackerWithCachedStates],
        domain: Domain,
        **kwargs: object,
    ) -> Resource:
        """Nothing to learn; Rasa asks each policy for the method."""
        return self._resource

    def predict_action_probabilities(
        self,
        tracker: DialogueStateTracker,
        domain: Domain,
        rule_only_data: dict[str, Any] | None = None,
        **kwargs: object,
    ) -> PolicyPrediction:
        """Give 1 to the action that is asked for, then to listening; else 0 to all."""
        probabilities = self._default_predictions(domain)
        action = next_action(tracker, domain.form_names)
        if action is not None:
            probabilities[domain.index_for_action(action)] = 1.0
        # What RulePolicy says of an active form overrules every prediction that is not marked so.
        in_a_form = action is not None and tracker.active_loop_name is not None
        return self._prediction(probabilities, is_no_user_prediction=in_a_form)


def next_action(tracker: DialogueStateTracker, forms: Collection[str] = ()) -> str | None:
    """The action that who talks, or the latest message's triage, asks for now; None for none.

    Args:
        tracker: The conversation.
        forms: Names of the forms.
    """
    # After an escalation the shopper waits; a form says all that there is to say, also where it
    # ends, or hands over to another form that it began.
    if tracker.latest_action_name in {ESCALATE, *forms}:
        return ACTION_LISTEN_NAME
    # The slot outlives its message on purpose: when assessing fails, who was silent stays silent.
    is_silent = tracker.get_slot(TALKING_SLOT) in ("waiting", "agent")
    wanted = WAIT if is_silent else _wanted(tracker)
    if wanted is None:
        return None
    following = {ACTION_LISTEN_NAME: wanted, wanted: ACTION_LISTEN_NAME}
    return following.get(tracker.latest_action_name or "")


def _wanted(tracker: DialogueStateTracker) -> str | None:
    triage = tracker.get_slot(TRIAGE_SLOT)
    message = tracker.latest_message
    # The slot outlives its message: when assessing fails, the one before is still in it.
    if not triage or message is None or triage.get("message_id") != message.message_id:
        return None
    wanted = DECISIONS.get(triage.get("decision", "")) or ANSWERS.get(triage.get("rule", ""))
    # Within a form only the form answers, which knows what it asked; a person goes before it.
    return wanted if wanted in IN_A_FORM or not tracker.active_loop_name else None
