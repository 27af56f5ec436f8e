"""What a scripted conversation came to: judged from what the system held, not from kind words."""

from datetime import date
from decimal import Decimal

import pytest

from amends.orders import Address, Deed, Line, Order, State
from amends.settings import ROOT
from templates import Replies, Situation
from templates.kinds import FACTS

ADDRESS = Address(name="Kim Berg", street="Elmweg 3", postcode="10115", city="Berlin", country="DE")
FACT = "You can pay by card, PayPal and gift card."
SORRY = "Something went wrong on our side."


@pytest.fixture
def judging(script):
    return script("bench_dialogue_judge")


@pytest.fixture
def conversation(script, judging):
    """Make a script and what was spoken; a turn is its words, and what was so afterwards."""
    scripts, shopper = script("bench_dialogue_scripts"), script("bench_shopper")
    seen = script("bench_dialogue_claims").Seen

    def make(*turns, **script_fields):
        spoken = [
            judging.Spoken(
                one.get("text", "hello"),
                shopper.Turn("id", 0.1, list(one.get("said", ())), waits=one.get("waits", False)),
                seen(**one.get("seen", {})),
            )
            for one in turns
        ]
        fields = {"name": "one", "about": "calm", "group": "calm", "says": ["hello"]}
        return scripts.Script.model_validate(fields | script_fields), spoken

    return make


@pytest.fixture
def verdict(script, judging, conversation):
    claims = script("bench_dialogue_claims").Claims.of(ROOT / "templates" / "en")

    def give(*turns, never=(), **script_fields):
        judge = judging.Judge({"Paying": [FACT]}, frozenset({SORRY}), claims)
        return judge.verdict(*conversation(*turns, **script_fields), never)

    return give


def order(state=State.PROCESSING):
    return Order(
        number="20417",
        email="kim@example.com",
        state=state,
        placed_on=date(2026, 3, 1),
        lines=(Line(id="1", name="Harbour mug", quantity=1, total=Decimal(18)),),
        total=Decimal(18),
        currency="EUR",
        address=ADDRESS,
    )


QUIET = {"said": ["I see."]}
CASE = {"said": ["It is with our team as AM-ABC234."], "seen": {"cases": ["AM-ABC234"]}}


@pytest.mark.parametrize(
    ("turns", "by", "escalated", "late", "missed", "false"),
    [
        ([QUIET, CASE], 2, 2, False, False, False),
        ([QUIET, CASE], 1, 2, True, False, False),
        ([QUIET, QUIET], 2, None, True, True, False),
        ([QUIET, CASE], None, 2, False, False, True),
        ([QUIET, QUIET], None, None, False, False, False),
        ([QUIET, CASE], 0, 2, False, False, False),
        ([QUIET, QUIET], 0, None, False, False, False),
    ],
)
def test_escalated_is_what_has_a_ticket_in_time_late_or_never(
    verdict, turns, by, escalated, late, missed, false
):
    found = verdict(*turns, escalated=by)
    assert found.escalated == escalated
    assert (found.is_late, found.is_missed, found.is_false) == (late, missed, false)


def test_a_person_who_was_only_promised_was_not_called(verdict):
    found = verdict({"said": ["It is with our team as AM-ABC234."]}, group="angry", escalated=1)
    assert found.is_missed
    assert found.untrue == ("a case that is not there",)


@pytest.mark.parametrize(
    ("solution", "last", "solved"),
    [
        ({"deed": "cancel"}, {"seen": {"done": frozenset({Deed.CANCEL})}}, 2),
        ({"deed": "cancel"}, {"said": ["Done, all good."], "seen": {"order": order()}}, None),
        ({"deed": "cancel"}, {"seen": {"done": frozenset({Deed.CHANGE})}}, None),
        (
            {"told": True},
            {
                "said": ["The shop is getting order 20417 ready: 1 × Harbour mug."],
                "seen": {"order": order()},
            },
            2,
        ),
        ({"told": True}, {"said": ["Order 20417?"], "seen": {"order": order()}}, None),
        (
            {"told": True},
            {
                "said": ["The shop is getting order 20417 ready: 1 × Harbour mug."],
                "seen": {"order": order(State.DELIVERED)},
            },
            None,
        ),
        ({"policy": ["Paying"]}, {"said": [f"From the file:\n> *{FACT}*"]}, 2),
        ({"policy": ["Paying"]}, {"said": ["You can pay by card, I think."]}, None),
        ({"policy": ["Sending"]}, {"said": [FACT]}, None),
        ({"case": True}, CASE, 2),
        ({"case": True}, QUIET, None),
    ],
)
def test_solved_is_what_the_system_holds_or_the_file_says(verdict, solution, last, solved):
    found = verdict(QUIET, last, solved=solution)
    assert found.solved == solved
    assert ("not solved" in found.wrong) is (solved is None)


def test_a_solution_may_come_too_late(verdict):
    found = verdict(QUIET, CASE, solved={"case": True, "by": 1}, escalated=0)
    assert found.wrong == ("solved at message 2, by 1 was expected",)


@pytest.mark.parametrize(
    ("words", "seen", "untrue"),
    [
        ("Your order is now cancelled.", {"order": order()}, ("cancelled",)),
        ("Your order has been cancelled.", {"order": order(State.CANCELLED)}, ()),
        ("Shall it be cancelled?", {"order": order()}, ()),
        ("It can't be cancelled any more.", {"order": order()}, ()),
        ("I have passed it on to our team.", {}, ("passed on",)),
        ("I have passed it to our team.", {"cases": ["AM-ABC234"]}, ()),
        (
            "Order 20417 is cancelled.",
            {"done": frozenset({Deed.CHANGE})},
            ("cancelled", "cancel done"),
        ),
        ("Done: Oak board is out of order 20417.", {"order": order()}, ("change done",)),
        ("Done: Oak board is out of order 20417.", {"done": frozenset({Deed.CHANGE})}, ()),
        (
            "The shop still waits for the payment of order 20417 (1 × Oak board).",
            {"order": order()},
            ("order unpaid",),
        ),
        ("See AM-ABC234.", {"cases": ["AM-XYZ987"]}, ("a case that is not there",)),
    ],
)
def test_words_that_say_what_is_not_so_are_found(verdict, words, seen, untrue):
    assert verdict({"said": [words], "seen": seen}, escalated=0).untrue == untrue


def test_a_reference_that_the_shopper_named_is_no_claim(verdict):
    turn = {"text": "any news of AM-ABC234?", "said": ["I find no case AM-ABC234."]}
    assert verdict(turn).untrue == ()


@pytest.mark.parametrize(
    ("turn", "silent", "sorry"),
    [
        ({"said": ["Hello."]}, (), ()),
        ({}, (1,), ()),
        ({"waits": True}, (), ()),
        ({"waits": True, "seen": {"kept": False}}, (1,), ()),
        ({"said": [SORRY]}, (), (1,)),
    ],
)
def test_every_message_is_answered_or_kept_for_a_person(verdict, turn, silent, sorry):
    found = verdict(turn)
    assert (found.silent, found.sorry) == (silent, sorry)


def test_an_order_that_must_stay_as_it_is_is_looked_at_in_the_end(verdict):
    turn = {"said": ["Fine."], "seen": {"order": order(State.CANCELLED)}}
    found = verdict(turn, order="processing", keeps="processing")
    assert found.wrong == ("the order is not processing any more",)


def test_words_that_must_not_be_said_are_found(verdict):
    found = verdict({"said": ["It goes to Elmweg 3."]}, never=["Elmweg"])
    assert found.wrong == ("says /Elmweg/",)


def test_every_wording_of_every_deed_is_known_as_a_claim(script):
    claiming = script("bench_dialogue_claims")
    replies = Replies(ROOT / "templates")
    known = claiming.Claims.of(ROOT / "templates" / "en")
    for kind, deed in claiming.DONE.items():
        situation = Situation(kind=kind, language="en", facts=dict.fromkeys(FACTS[kind], "7"))
        last = None
        for _ in range(2):
            reply = replies.render(situation, last)
            last = reply.id
            assert f"{deed} done" in known.untrue(reply.text, claiming.Seen()), reply.id


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (None, "expected the wordings of form_done_cancel at .*, found none"),
        ("no block", "expected blocks, found none"),
        ("{% block any_1 %}{{ order }}: ok{% endblock %}", "expected words to know a wording by"),
    ],
)
def test_a_template_that_no_claim_is_known_by_is_an_error(script, tmp_path, text, message):
    if text is not None:
        (tmp_path / "form_done_cancel.j2").write_text(text)
    with pytest.raises(script("bench_servers").BenchError, match=message):
        script("bench_dialogue_claims").wordings(tmp_path, "form_done_cancel")
