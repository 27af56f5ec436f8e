"""What a shopper says in Chinese that needs a person, found in the middle of a sentence."""

import pytest

from tickets.phrases import PHRASES_FILE, Kind, Phrases, PhrasesError, shipped_phrases
from tickets.triage import Decision, by_words

SAID = {
    Kind.SELF_HARM: [
        "我不想活了",
        "活着没意思，什么都不顺",
        "真的想死",
        "我想自殺",
        "想结束自己的生命",
    ],
    Kind.INJURY: [
        "孩子的手被划伤了",
        "水壶漏水，我被烫伤了",
        "他受傷了，在流血",
        "吃了以后过敏，喘不过气",
        "用完就进医院了",
    ],
    Kind.FIRE_OR_SHOCK: ["充电器起火了", "台灯漏电", "電池爆炸了", "插上电就冒烟", "插头冒火花"],
    Kind.COUNTERFEIT_OR_HAZARD: ["这是假货吧", "收到的不是正品", "這個有毒嗎", "感觉很不安全"],
    Kind.FRAUD: ["你们是骗子", "信用卡被盗刷了", "遇到詐騙了", "未经我同意就扣款", "擅自扣费"],
    Kind.LEGAL: ["我要起诉你们", "再不退我就报警", "我会找律师", "打12315投诉你们", "法院見"],
    Kind.PERSON: [
        "人工客服",
        "转人工",
        "轉人工客服",
        "我要人工！！！",
        "我想跟真人说话",
        "能不能和人工沟通",
        "有人吗",
        "找你们经理",
        "麻烦帮我转接人工，谢谢",
        "客服",
        "我要投诉",
    ],
}
HARMLESS = [
    "我的订单在哪里",
    "我要退款",
    "水壶是坏的",
    "气死我了，等了三个星期",
    "笑死了",
    "不用找人工了",
    "收件人写错了，想改一下",
    "客服态度很差",
    "告诉你们多少次了",
    "没有人受伤，只是杯子碎了",
    "没有人回复我",
    "有人签收了但不是我",
    "人工费是多少",
    "想改收货人电话",
    "你好",
    "谢谢",
]


@pytest.mark.parametrize(
    ("kind", "text"), [(kind, text) for kind, texts in SAID.items() for text in texts]
)
def test_what_needs_a_person_is_found(kind, text):
    found = shipped_phrases().find(text)

    assert found is not None
    assert found.kind is kind


@pytest.mark.parametrize("text", HARMLESS)
def test_what_only_sounds_like_it_is_let_be(text):
    assert shipped_phrases().find(text) is None


@pytest.mark.parametrize("text", ["你好，我要转人工，订单48213", "ok 转人工 please", "转人工。"])
def test_words_around_and_other_letters_hide_nothing(text):
    assert by_words(text, None).rule == "person"


def test_the_agent_reads_the_words_as_they_were_written():
    decision = by_words("充电器起火了", None)

    assert decision.decision is Decision.ESCALATE
    assert decision.detail == '"起火" (fire or shock)'


def test_the_chinese_file_has_every_kind(tmp_path):
    path = PHRASES_FILE.with_name("phrases.zh.yml")
    copy = tmp_path / "phrases.zh.yml"
    copy.write_text(path.read_text("utf-8").replace("  fraud:", "  person:", 1), "utf-8")

    assert Phrases.load(path).find("被盗刷") is not None
    with pytest.raises(PhrasesError, match="found none for fraud"):
        Phrases.load(copy)


def test_english_is_found_as_before_beside_chinese():
    assert shipped_phrases().find("充电器 caught fire").kind is Kind.FIRE_OR_SHOCK
