"""The steps of docs/languages.md for a language that nobody speaks, in a folder of its own."""

import shutil

import pytest

from amends.serve.errors import ServeError
from amends.serve.products import rasa_model
from amends.settings import ROOT, Settings
from nlu.category_file import read_categories
from nlu.policy_file import read_policies
from templates import ButtonTitles, Replies, Situation, TemplateError
from tickets.phrases import PHRASES_FILE, Kind, Phrases, PhrasesError

HANDOVER = """{% block any_1 %}
Blu natta lesa. {{ reference }}
{% endblock %}

{% block any_2 %}
Natta lesa blu. {{ reference }}
{% endblock %}
"""


@pytest.fixture
def folder(tmp_path):
    shutil.copytree(ROOT / "templates" / "en", tmp_path / "en")
    shutil.copytree(ROOT / "templates" / "policies", tmp_path / "policies")
    (tmp_path / "xx").mkdir()
    return tmp_path


def test_one_template_tells_who_is_not_understood_and_the_rest_is_english(folder):
    (folder / "xx" / "handover_language.j2").write_text(HANDOVER, "utf-8")
    replies = Replies(folder)
    told = replies.render(
        Situation(kind="handover_language", language="xx", facts={"reference": "AM-7K2P9Q"})
    )

    assert told.id.startswith("xx/")
    assert "AM-7K2P9Q" in told.text
    assert replies.render(Situation(kind="thanks", language="xx")).id.startswith("en/")


def test_a_phrase_file_finds_danger_beside_the_english_one(tmp_path):
    path = tmp_path / "phrases.xx.yml"
    path.write_text("".join([*_phrases()][:-1]), "utf-8")
    with pytest.raises(PhrasesError, match="found none for person"):
        Phrases.load(path)
    path.write_text("".join(_phrases()), "utf-8")
    found = Phrases.load(PHRASES_FILE, path)

    assert found.find("oh blub fire").kind is Kind.FIRE_OR_SHOCK
    assert found.find("it caught fire").kind is Kind.FIRE_OR_SHOCK


def _phrases():
    yield "kinds:\n"
    for kind in Kind:
        yield f"  {kind}:\n    phrases: blub {kind.split('_')[0]}\n"


def test_buttons_need_the_keys_of_the_english_ones(folder):
    (folder / "xx" / "buttons.yml").write_text('person: "Mensu"\n', "utf-8")
    with pytest.raises(TemplateError, match="expected the buttons of the English file; missing: "):
        ButtonTitles(folder)


def test_a_policy_file_is_read_by_its_language(folder):
    (folder / "policies" / "xx.md").write_text(
        "# Lex\n\n## Kosta\n<!-- answers: delivery_options -->\n- Nullo kosta.\n", "utf-8"
    )

    assert read_policies(folder / "policies")["xx"].facts("delivery_options")[0].line == 5


def test_a_category_gets_a_name(tmp_path):
    source = (ROOT / "nlu" / "categories.yml").read_text("utf-8")
    changed = tmp_path / "categories.yml"
    changed.write_text(source.replace("{zh: 配送}", "{zh: 配送, xx: porta}"), "utf-8")
    categories = read_categories(changed)

    assert categories.label("delivery", "xx") == "porta"
    assert categories.label("delivery", "yy") == "your delivery"


def test_without_intents_the_setting_is_refused_by_name():
    with pytest.raises(ServeError, match="expected intent examples in assistant/data/nlu/xx"):
        rasa_model(Settings(languages=("en", "xx")))
