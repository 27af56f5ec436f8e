import re

import pytest

from amends.settings import ROOT
from templates import Replies, Situation, TemplateError

TWO = "{% block any_2 %}Hello again.{% endblock %}"

BROKEN_FILES = {
    "expression left open": (
        "en/greeting.j2",
        "{% block any_1 %}\nHello {{ name. }}\n{% endblock %}" + TWO,
        r"greeting\.j2, line 2: .* Correct the template there or",
    ),
    "block left open": (
        "en/greeting.j2",
        TWO + "\n{% block any_1 %}\nHello.\n",
        r"greeting\.j2, line 2: .*'endblock'.* Correct the template there or",
    ),
    "unknown filter": (
        "en/greeting.j2",
        "{% block any_1 %}{{ 'Hello' | shout }}{% endblock %}" + TWO,
        r"greeting\.j2, line 1: No filter named 'shout'.* Correct the template there or",
    ),
    "same block twice": (
        "en/greeting.j2",
        f"{TWO}\n{TWO}",
        r"greeting\.j2, line 2: block 'any_2' defined twice.* Correct the template there or",
    ),
    "unknown intensity": (
        "en/answer/delivery.j2",
        "\n{% block negative_furious_1 %}Oh.{% endblock %}",
        r"delivery\.j2, line 2: unknown block name 'negative_furious_1'\. Expected "
        r"<polarity>_<intensity>_<n>, .* weak, medium, strong, extreme .* Rename the block\.",
    ),
    "unknown polarity": (
        "en/answer/delivery.j2",
        "{% block angry_1 %}Oh.{% endblock %}",
        r"unknown block name 'angry_1'\. .* among negative, neutral, positive,",
    ),
    "no number": (
        "en/greeting.j2",
        "{% block any %}Hello.{% endblock %}",
        r"unknown block name 'any'\. .* n = 1, 2, 3",
    ),
    "words outside a block": (
        "en/greeting.j2",
        "{# a comment is fine #}\n{% block any_1 %}Hello.{% endblock %}\nHi there.\n" + TWO,
        r"greeting\.j2, line \d: found text or code outside a block, which no shopper would ever "
        r"read\. Put it between",
    ),
    "code outside a block": (
        "en/greeting.j2",
        "{% set name = 'you' %}{% block any_1 %}Hello.{% endblock %}" + TWO,
        r"greeting\.j2, line 1: found text or code outside a block",
    ),
    "a parent template": (
        "en/greeting.j2",
        "{% extends '/etc/passwd' %}{% block any_1 %}Hello.{% endblock %}" + TWO,
        r"greeting\.j2, line 1: found text or code outside a block",
    ),
    "a file pulled in": (
        "en/greeting.j2",
        "{% block any_1 %}{% include '/etc/passwd' %}{% endblock %}" + TWO,
        r"greeting\.j2, line 1: block 'any_1' cannot be filled: .*no loader",
    ),
    "misspelled fact": (
        "en/safety.j2",
        "\n\n{% block any_1 %}Step away. {{ referense }}{% endblock %}" + TWO,
        r"safety\.j2, line 3: block 'any_1' cannot be filled: 'referense' is undefined\. "
        r"A reply of kind 'safety' may use these facts, .*: reference\.",
    ),
    "a fact where none is given": (
        "en/answer/delivery.j2",
        "{% block any_1 %}{{ reference }}{% endblock %}" + TWO,
        r"'reference' is undefined\. A reply of kind 'answer' .*: none\.",
    ),
    "inside of Python": (
        "en/greeting.j2",
        "{% block any_1 %}{{ ''.__class__ }}{% endblock %}" + TWO,
        r"block 'any_1' cannot be filled: access to attribute '__class__' of 'str' object is "
        r"unsafe",
    ),
    "inside of a fact": (
        "en/safety.j2",
        "{% block any_1 %}{{ reference.__init__.__globals__ }}{% endblock %}" + TWO,
        r"cannot be filled: access to attribute '__init__' of 'str' object is unsafe",
    ),
    "what is no fact": (
        "en/greeting.j2",
        "{% block any_1 %}{{ lipsum() }}{% endblock %}" + TWO,
        r"cannot be filled: 'lipsum' is undefined",
    ),
    "an expression that fails": (
        "en/greeting.j2",
        "{% block any_1 %}{{ 1 // 0 }}{% endblock %}" + TWO,
        r"greeting\.j2, line 1: block 'any_1' cannot be filled: integer division",
    ),
    "nothing said": (
        "en/greeting.j2",
        "{% block any_1 %} \n {# later #} {% endblock %}" + TWO,
        r"greeting\.j2, line 1: the block says nothing\. Write words in it\.",
    ),
    "one wording": (
        "en/answer/delivery.j2",
        "{% block negative_1 %}Oh.{% endblock %}\n{% block negative_strong_1 %}No.{% endblock %}",
        r"delivery\.j2, line 1: 'en/answer/delivery#negative_1' is the only wording of 'negative' "
        r"in this file; expected 2 or more, .* Add a block, such as negative_2\.",
    ),
    "one wording, by another number": (
        "en/greeting.j2",
        TWO,
        r"'en/greeting#any_2' is the only wording .* Add a block, such as any_3\.",
    ),
    "one wording in another language": (
        "de/greeting.j2",
        "{% block any_1 %}Guten Tag.{% endblock %}",
        r"greeting\.j2, line 1: 'de/greeting#any_1' is the only wording",
    ),
    "unknown kind": (
        "en/greting.j2",
        TWO,
        r"greting\.j2: no reply is ever taken from this file\. Expected <language>/<kind>\.j2 or "
        r"<language>/answer/<category>\.j2 .* greeting, thanks, .* Rename or move the file\.",
    ),
    "a language in full": ("german/greeting.j2", TWO, r"a language of two letters"),
    "answer without a category": ("en/answer.j2", TWO, r"answer\.j2: no reply is ever taken"),
    "a category of another kind": ("en/praise/delivery.j2", TWO, r"no reply is ever taken"),
    "a folder too deep": ("en/answer/delivery/late.j2", TWO, r"no reply is ever taken"),
    "no language": ("greeting.j2", TWO, r"no reply is ever taken"),
}


@pytest.mark.parametrize(("page", "content", "message"), BROKEN_FILES.values(), ids=BROKEN_FILES)
def test_refuses_a_broken_template(folder, page, content, message):
    path = folder / page
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content, encoding="utf-8")

    with pytest.raises(TemplateError, match=message) as refusal:
        Replies(folder)

    assert str(path) in str(refusal.value)


def test_refuses_a_file_that_is_not_utf_8(folder):
    path = folder / "en" / "greeting.j2"
    path.write_bytes("{% block any_1 %}Café{% endblock %}".encode("latin-1"))

    message = r"greeting\.j2: expected UTF-8, found the byte 0xe9 at position 20\. Save the file"
    with pytest.raises(TemplateError, match=message):
        Replies(folder)


@pytest.mark.parametrize("page", ["greeting", "safety", "fallback", "answer/other"])
def test_refuses_a_missing_english_page(folder, page):
    path = folder / "en" / f"{page}.j2"
    path.unlink()

    with pytest.raises(TemplateError) as refusal:
        Replies(folder)

    assert str(refusal.value) == (
        f"{path}: no English wording for a negative message, and every language falls back to "
        "this file. Add the blocks any_1 and any_2, or negative_1 and negative_2."
    )


def test_refuses_an_english_page_that_leaves_a_polarity_out(write, folder):
    write("en/answer/other", "negative_1 negative_2 neutral_1 neutral_2")

    with pytest.raises(TemplateError, match=r"other\.j2: no English wording for a positive"):
        Replies(folder)


def test_an_intensity_alone_does_not_cover_its_polarity(write, folder):
    write(
        "en/greeting",
        "neutral_1 neutral_2 positive_1 positive_2 negative_strong_1 negative_strong_2",
    )

    with pytest.raises(TemplateError, match=r"greeting\.j2: no English wording for a negative"):
        Replies(folder)


def test_refuses_a_folder_that_is_not_there(tmp_path):
    missing = tmp_path / "nowhere"

    with pytest.raises(TemplateError, match=re.escape(str(missing / "en" / "greeting.j2"))):
        Replies(missing)


def test_the_example_of_the_readme_is_a_template_that_works(folder):
    readme = (ROOT / "templates" / "README.md").read_text(encoding="utf-8")
    example = re.search(r"```jinja\n(.*?)```", readme, re.DOTALL)
    page = folder / "de" / "answer" / "delivery.j2"
    page.parent.mkdir(parents=True)
    page.write_text(example[1], encoding="utf-8")

    upset = {"kind": "answer", "language": "de", "category": "delivery", "polarity": "negative"}
    reply = Replies(folder).render(Situation.model_validate(upset))

    assert reply.id in {"de/answer/delivery#negative_1", "de/answer/delivery#negative_2"}
