"""GET widget.js."""

import gzip

import pytest
import requests
from channel_server import serve

CODE = b"window.Amends = {};\n" * 50


@pytest.fixture
def channel(tmp_path):
    (tmp_path / "widget").mkdir()
    (tmp_path / "widget" / "widget.js").write_bytes(CODE)
    with serve(tmp_path) as served:
        yield served


def get(channel, **headers):
    named = {"Accept-Encoding": "identity"} | {k.replace("_", "-"): v for k, v in headers.items()}
    return requests.get(f"{channel.url}/webhooks/web/widget.js", headers=named, timeout=5)


def test_any_page_may_load_it(channel):
    answer = get(channel)
    assert answer.status_code == 200
    assert answer.content == CODE
    assert answer.headers["Content-Type"] == "text/javascript; charset=utf-8"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "public, max-age=300"


def test_it_is_packed_for_whom_can_unpack_it(channel):
    with requests.get(
        f"{channel.url}/webhooks/web/widget.js",
        headers={"Accept-Encoding": "gzip, br"}, stream=True, timeout=5,
    ) as answer:  # fmt: skip
        assert answer.headers["Content-Encoding"] == "gzip"
        packed = answer.raw.read(decode_content=False)
    assert len(packed) < len(CODE) / 4
    assert gzip.decompress(packed) == CODE
    assert answer.headers["ETag"] != get(channel).headers["ETag"]
    assert answer.headers["Vary"] == "Accept-Encoding"


@pytest.mark.parametrize("encoding", ["identity", "gzip"])
def test_who_has_it_gets_nothing(channel, encoding):
    tag = get(channel, Accept_Encoding=encoding).headers["ETag"]
    again = get(channel, Accept_Encoding=encoding, If_None_Match=f'"other", {tag}')
    assert again.status_code == 304
    assert again.content == b""
    assert get(channel, If_None_Match='"other"').status_code == 200


def test_a_new_build_is_served_at_once(channel, tmp_path):
    tag = get(channel).headers["ETag"]
    (tmp_path / "widget" / "widget.js").write_bytes(b"new")
    answer = get(channel, If_None_Match=tag)
    assert answer.content == b"new"


def test_where_it_is_not_built_it_says_what_to_do(channel, tmp_path):
    (tmp_path / "widget" / "widget.js").unlink()
    answer = get(channel)
    assert answer.status_code == 404
    assert answer.text == (
        "The widget is not built: expected widget.js in the folder that AMENDS_WIDGET_DIR names. "
        "`make run` builds it."
    )
