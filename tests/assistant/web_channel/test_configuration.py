"""The channel's part of credentials.yml."""

import pytest
from channel_server import configuration

from assistant.web_channel.channel import WebChannel
from assistant.web_channel.configuration import ConfigurationError, origin_of

BAD = {
    "session_key": ["", None, "short", "s" * 31],
    "shop_key": ["short"],
    "origins": ["", " , ", "*", "https://*.shop.example", "shop.example", "https://a/path", "null"],
    "state_dir": ["", None],
    "actions_url": ["", "127.0.0.1:5055", "ftp://x"],
    "tickets_url": [""],
    "widget_dir": [None],
}


@pytest.mark.parametrize(
    ("key", "value"), [(key, value) for key, values in BAD.items() for value in values]
)
def test_what_cannot_be_used_is_named_by_its_variable(tmp_path, key, value):
    with pytest.raises(ConfigurationError, match=rf"^AMENDS_{key.upper()}: expected .*found .*\."):
        configuration(tmp_path, **{key: value})


def test_nothing_at_all_is_named_too():
    with pytest.raises(ConfigurationError, match="AMENDS_SESSION_KEY"):
        WebChannel.from_credentials(None)


def test_a_secret_is_not_repeated(tmp_path):
    with pytest.raises(ConfigurationError) as refused:
        configuration(tmp_path, session_key="hunter2")
    assert "hunter2" not in str(refused.value)


def test_without_a_shop_key_shoppers_stay_strangers(tmp_path):
    assert configuration(tmp_path, shop_key="").shop_key is None


def test_origins_are_written_as_browsers_write_them(tmp_path):
    given = "https://Shop.Example:443/, http://localhost:5050 ,http://[::1]:80"
    assert configuration(tmp_path, origins=given).origins == {
        "https://shop.example",
        "http://localhost:5050",
        "http://[::1]",
    }


@pytest.mark.parametrize(
    "text",
    ["null", "", "file:///etc", "https://u:p@shop.example", "http://a:99999", "https://a?b"],
)
def test_what_is_no_origin(text):
    assert origin_of(text) is None
