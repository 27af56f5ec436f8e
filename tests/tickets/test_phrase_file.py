"""The phrase file as a shop edits it: what the grammar means, and how a mistake is told."""

import pytest

from tickets.phrases import Found, Kind, Phrases, PhrasesError


@pytest.fixture
def load(tmp_path):
    """Loads phrases of which the legal ones are given and the others are unlikely."""

    def loaded(phrases="court", words="who: me|you", **blocks):
        file = tmp_path / "phrases.yml"
        content = [f"words:\n  {words}\nkinds:"]
        content += [f"  {kind}:\n    phrases: xyzzy" for kind in Kind if kind is not Kind.LEGAL]
        blocks = {"phrases": phrases, **blocks}
        content += ["  legal:", *(f"    {name}: |\n      {text}" for name, text in blocks.items())]
        file.write_text("\n".join(content) + "\n", encoding="utf-8")
        return Phrases.load(file)

    return loaded


@pytest.mark.parametrize(
    ("phrase", "text", "words"),
    [
        ("see (a judge|court)", "We will see a judge.", "see a judge"),
        ("see (a judge|court)", "see Court", "see court"),
        ("see (a judge|court)", "see a court", None),
        ("see [you] in court", "see you in court", "see you in court"),
        ("see [you] in court", "see in court", "see in court"),
        ("see [you [all]] in court", "see you all in court", "see you all in court"),
        ("see ... court", "see you in court", "see you in court"),
        ("see ... court", "see court", "see court"),
        ("see ... court", "see you in the court", None),
        ("sue $who", "sue me", "sue me"),
        ("sue $who", "sue us", None),
        ("won't pay", "I WON\u2019T pay", "wont pay"),
        ("Won't Pay", "i wont pay", "wont pay"),
        ("bill", "biiiill biiillll", "bill"),
        ("lose", "a loose end", None),
        ("# court", "court", None),
    ],
)
def test_grammar(load, phrase, text, words):
    found = load(f"{phrase}\n      zzz").find(text)
    assert found == (words and Found(Kind.LEGAL, words))


def test_whole_is_a_clause_of_its_own(load):
    phrases = load("zzz", whole="[a] judge")
    assert phrases.find("No, a judge!") == Found(Kind.LEGAL, "a judge")
    assert phrases.find("judge me not") is None


def test_unless_is_taken_out_and_nothing_closes_over_the_gap(load):
    phrases = load("court|food room|big ... room", unless="food court|tiny")
    assert phrases.find("the food court") is None
    assert phrases.find("the food court, then court") == Found(Kind.LEGAL, "court")
    assert phrases.find("food tiny room") is None


@pytest.mark.parametrize(
    ("phrase", "found"),
    [
        ("see (you", "a ( that nothing closes: 'see (you'"),
        ("see you)", "a ) that nothing opens: 'see you)'"),
        ("see [you)", "a ) that nothing opens"),
        ("see $nobody", "$nobody, which no line above it under `words` explains"),
        ("[see]", "a phrase or alternative without a word that must be there"),
        ("...", "a phrase or alternative without a word that must be there"),
        ("court|", "a phrase or alternative without a word that must be there"),
        ("see .* court", "a sign that is no part of a phrase"),
        ("see court?", "a sign that is no part of a phrase"),
    ],
)
def test_bad_phrase_is_told_with_its_line_and_what_to_do(load, tmp_path, phrase, found):
    with pytest.raises(PhrasesError) as raised:
        load(f"court\n      {phrase}")
    lines = (tmp_path / "phrases.yml").read_text().splitlines()
    message = str(raised.value)
    assert f"phrases.yml, line {lines.index('      ' + phrase) + 1}: expected a phrase" in message
    assert f"found {found}" in message
    assert "Use words, (this|that), [optional]" in message


def test_bad_words_line_is_told(load):
    with pytest.raises(PhrasesError, match=r"line 2: expected a phrase, found a \( that nothing"):
        load(words="who: (me|you")


def test_words_line_that_is_empty_is_told(load):
    with pytest.raises(PhrasesError, match=r"found at words\.who: .* at least 1 item"):
        load(words="who: ''")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("kinds: [", "expected YAML, found while parsing"),
        ("", "found at the file: Input should be"),
        ("words: {}\nkinds: {}\n", "found none for self_harm, injury, fire_or_shock"),
        ("words: {}\nkinds: {}\nmore: 1\n", "found at more: Extra inputs"),
        (
            "words: {}\nkinds: {theft: {phrases: x}}\n",
            "found at kinds.theft.[key]: Input should be",
        ),
        (
            "words: {}\nkinds: {legal: {phrase: x}}\n",
            "found at kinds.legal.phrases: Field required",
        ),
        ("words: !!python/object/apply:os.getcwd []\nkinds: {}", "expected YAML, found could not"),
    ],
)
def test_file_of_another_shape_is_refused(tmp_path, content, message):
    file = tmp_path / "phrases.yml"
    file.write_text(content)
    with pytest.raises(PhrasesError) as raised:
        Phrases.load(file)
    assert message in str(raised.value)
    assert str(file) in str(raised.value)


def test_missing_or_binary_file_is_refused(tmp_path):
    with pytest.raises(PhrasesError, match=r"found .*No such file.* Restore the shipped file"):
        Phrases.load(tmp_path / "none.yml")
    (tmp_path / "binary.yml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(PhrasesError, match=r"in UTF-8, found .*can't decode"):
        Phrases.load(tmp_path / "binary.yml")
