"""Words that tell how a conversation goes, and the file of them as a shop edits it."""

import time

import pytest

from tickets.cues import Cue, Cues, CuesError, shipped_cues

GOOD = {cue.value: {"phrases": "xyzzy"} for cue in Cue}


@pytest.mark.parametrize(
    ("text", "cue"),
    [
        ("This is UNACCEPTABLE!!", Cue.FURY),
        ("I'm fed up with this", Cue.FURY),
        ("you lied to me", Cue.BLAME),
        ("It's STILL not here", Cue.AGAIN),
        ("that is the third time", Cue.AGAIN),
        ("thanks for nothing", Cue.SCORN),
        ("great job, wrong item again", Cue.SCORN),
        ("found it!", Cue.GOOD_NEWS),
        ("never mind", Cue.GOOD_NEWS),
        ("the courier dropped it", Cue.THIRD_PARTY),
        ("you sent the wrong one", Cue.AT_SHOP),
        ("could you check, please", Cue.POLITE),
    ],
)
def test_found(text, cue):
    assert cue in shipped_cues().find(text)


@pytest.mark.parametrize(
    ("text", "cue"),
    [
        ("I'm not angry", Cue.FURY),
        ("no lies, I promise", Cue.BLAME),
        ("I'd order it again", Cue.AGAIN),
        ("great job, thank you", Cue.SCORN),
        ("great bag, but the zip is broken", Cue.SCORN),
        ("good shop, will order again", Cue.SCORN),
        ("it never turned up", Cue.GOOD_NEWS),
        ("it came broken", Cue.GOOD_NEWS),
        ("it has not arrived", Cue.GOOD_NEWS),
        ("I want this sorted now", Cue.GOOD_NEWS),
        ("it arrived, I want to return it", Cue.GOOD_NEWS),
        ("I found the number: 48213377", Cue.GOOD_NEWS),
        # A handle is whom they write to.
        ("@UPS where is it", Cue.THIRD_PARTY),
        ("backups are fine", Cue.THIRD_PARTY),
    ],
)
def test_not_found(text, cue):
    assert cue not in shipped_cues().find(text)


def test_the_longest_message_takes_no_time():
    texts = (
        "great job again still not found it " * 115,
        "a " * 2000,
        "not " * 1000,
        "great " * 660,
    )
    started = time.perf_counter()
    for text in texts:
        shipped_cues().find(text)
    assert time.perf_counter() - started < 2.0


@pytest.fixture
def load(tmp_path):
    def loaded(content):
        file = tmp_path / "cues.yml"
        file.write_text(content, encoding="utf-8")
        return Cues.load(file)

    return loaded


def written(**changes):
    lines = []
    for cue, entry in {**GOOD, **changes}.items():
        lines.append(f"{cue}:")
        lines += [f"  {name}: |\n    # a remark\n    {text}" for name, text in entry.items()]
    return "\n".join(lines) + "\n"


def test_what_unless_takes_out_is_not_found_and_closes_nothing(load):
    cues = load(written(fury={"phrases": "so cross", "unless": "not"}))
    assert cues.find("so cross") == {Cue.FURY}
    assert cues.find("so not cross") == frozenset()


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (written(fury={"phrases": "(so"}), "found at fury.phrases"),
        (written(fury={"phrase": "so"}), "found at fury.phrases"),
        (written(anger={"phrases": "so"}), "found at anger"),
        ("fury:\n  phrases: x\n", "found none for blame, again"),
        ("fury: [", "expected YAML in UTF-8"),
        ("fury:\n  phrases: 7\n", "found at fury.phrases"),
    ],
)
def test_a_mistake_is_told_with_its_place_and_what_to_do(load, content, found):
    with pytest.raises(CuesError) as error:
        load(content)
    assert found in str(error.value)
    assert "cues.yml" in str(error.value)


def test_a_missing_file_is_told(tmp_path):
    with pytest.raises(CuesError, match="Restore the shipped file"):
        Cues.load(tmp_path / "cues.yml")
