"""Refusals, and the page that says what they are."""

import json
import re
from pathlib import Path

import pytest

from assistant.web_channel.limits import Limits
from assistant.web_channel.refusals import STATUS, RefusedError
from assistant.web_channel.words import Words

PAGE = Path(__file__).parents[3] / "assistant" / "web_channel" / "README.md"
FACTS = {
    "too_many": RefusedError.too_many(0.2),
    "too_big": RefusedError.too_big(5 * 1024 * 1024),
    "too_long": RefusedError("too_long", max_chars=4000),
}


@pytest.fixture(scope="module")
def words():
    return Words.load()


@pytest.mark.parametrize("language", ["en", "zh", "xx"])
@pytest.mark.parametrize("code", STATUS)
def test_every_code_has_words_and_a_status(words, code, language):
    refused = FACTS.get(code, RefusedError(code))
    told = refused.acknowledgement(words, language)
    assert (told["ok"], told["code"]) == (False, code)
    assert len(told["words"]) > 5
    answer = refused.response(words, language)
    assert (answer.status, json.loads(answer.body)["code"]) == (STATUS[code], code)


@pytest.mark.parametrize(("wait", "seconds"), [(0.01, 1), (1.0, 1), (1.2, 2), (59.5, 60)])
def test_a_wait_is_told_in_whole_seconds(words, wait, seconds):
    refused = RefusedError.too_many(wait)
    assert refused.acknowledgement(words, "en")["retry_after_s"] == seconds
    assert f"wait {seconds} seconds" in refused.told(words, "en")["words"]
    assert refused.response(words, "en").headers["Retry-After"] == str(seconds)


def test_the_page_names_every_code_and_the_caps_as_they_are():
    page = re.sub(r"\s+", " ", PAGE.read_text())
    listed = re.search(r"Codes: ([^.]*)\.", page)
    assert set(listed[1].split(", ")) == set(STATUS)
    limits = Limits()
    assert f"{limits.max_chars:,} characters" in page
    assert f"{limits.tabs} tabs" in page
    assert f"files of {limits.max_file_bytes // 1024**2} MiB" in page
    assert f"faster than {limits.frames_of_connection.per_second} frames" in page
    assert f"{limits.messages_of_address.per_second} messages a second" in page
    assert f"{limits.connections_of_address} connections" in page
