"""Settings from the environment, from amends.toml, and from neither."""

import os
import re
from pathlib import Path

import pytest

from amends.settings import (
    PREFIX,
    SHIPPED_ADAPTER,
    Settings,
    SettingsError,
    get_settings,
    load_settings,
)

REPLY_WITHIN_S = 3.0


@pytest.fixture(autouse=True)
def _nothing_set(tmp_path, monkeypatch):
    """An empty folder and an environment without settings; conftest clears the cache."""
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.upper().startswith(PREFIX)]:
        monkeypatch.delenv(name)
    monkeypatch.delenv("DATABASE_URL", raising=False)


def write(text):
    Path("amends.toml").write_text(text, "utf-8")


def refused():
    with pytest.raises(SettingsError) as error:
        load_settings()
    return str(error.value)


def test_defaults_are_valid_and_what_they_name_is_there():
    settings = load_settings()
    assert (settings.precision, settings.device, settings.language) == ("int8", "auto", "en")
    assert (settings.rasa_port, settings.actions_port) == (5005, 5055)
    assert settings.adapter is None
    assert (SHIPPED_ADAPTER / "manifest.json").is_file()
    assert settings.categories_file.is_file()
    assert (settings.templates_dir / settings.language).is_dir()


def test_file_of_the_current_folder_is_read_and_the_environment_wins(monkeypatch):
    write('language = "de"\nrasa_port = 6001\nadapter = "adapters/mine"\n')
    monkeypatch.setenv("AMENDS_LANGUAGE", "fr")
    settings = load_settings()
    assert (settings.language, settings.rasa_port) == ("fr", 6001)
    assert settings.adapter == Path("adapters/mine")


def test_file_of_another_folder_is_not_read(tmp_path, monkeypatch):
    write('language = "de"\n')
    (tmp_path / "shop").mkdir()
    monkeypatch.chdir(tmp_path / "shop")
    assert load_settings().language == "en"


@pytest.mark.parametrize("name", ["LANGUAGE", "RASA_PORT", "AMENDS_TONGUES", "AMENDS_"])
def test_variables_of_other_programs_are_no_settings(name, monkeypatch):
    before = load_settings()
    monkeypatch.setenv(name, "anything")
    assert load_settings() == before


def test_database_of_another_program_is_not_taken(monkeypatch):
    """Hosts set DATABASE_URL for whatever runs there; the setting is AMENDS_DATABASE_URL."""
    monkeypatch.setenv("DATABASE_URL", "sqlite:///bookkeeping.db")
    assert load_settings().database_url == ""


BAD = [
    ("rasa_port", "0", "greater than or equal to 1"),
    ("rasa_port", "65536", "less than or equal to 65535"),
    ("actions_port", "many", "a valid integer"),
    ("actions_port", "", "a valid integer"),
    ("precision", "int4", "'int8' or 'fp32'"),
    ("device", "tpu", "'auto', 'cpu' or 'cuda'"),
    ("language", "english", "match pattern"),
    ("language", "", "match pattern"),
    ("language", "EN", "match pattern"),
    ("languages", "", "expected languages as two letters each"),
    ("languages", "english,zh", "separated by commas: en,zh"),
    ("languages", "en;zh", "separated by commas: en,zh"),
    ("phone_region", "usa", "match pattern"),
    ("phone_region", "us", "match pattern"),
    ("assess_deadline_s", "0", "greater than 0"),
    ("assess_deadline_s", "nan", "Input should be"),
    ("action_deadline_s", "-1", "greater than 0"),
    ("action_deadline_s", "61", "less than or equal to 60"),
    ("action_deadline_s", "inf", "less than or equal to 60"),
    ("max_message_chars", "99", "greater than or equal to 100"),
    ("max_message_chars", "100001", "less than or equal to 100000"),
    ("max_message_chars", "10.5", "a valid integer"),
    ("shop_port", "0", "greater than or equal to 1"),
    ("max_attachment_mb", "0", "greater than or equal to 1"),
    ("max_attachment_mb", "51", "less than or equal to 50"),
    ("origins", "*", "expected addresses of pages"),
    ("origins", "https://*.example", "'https://*.example' is none"),
    ("origins", "shop.example", "'shop.example' is none"),
    ("origins", "https://shop.example/", "'https://shop.example/' is none"),
    ("origins", "https://shop.example,null", "'null' is none"),
    ("origins", "https://a:b@shop.example", "without a path"),
    ("origins", "https://shop.example:99999", "separated by commas"),
    ("origins", "file:///etc", "expected addresses of pages"),
]


@pytest.mark.parametrize(("field", "value", "expected"), BAD)
def test_bad_value_in_the_environment_names_its_variable(field, value, expected, monkeypatch):
    monkeypatch.setenv(f"AMENDS_{field.upper()}", value)
    message = refused()
    assert message.startswith(f"AMENDS_{field.upper()}: ")
    assert expected in message
    assert f"found {value!r}. Correct it in the environment or in amends.toml." in message
    assert "\n" not in message


@pytest.mark.parametrize(("field", "value", "expected"), BAD)
def test_bad_value_in_the_file_names_its_variable(field, value, expected):
    write(f'{field} = "{value}"\n')
    message = refused()
    assert message.startswith(f"AMENDS_{field.upper()}: ")
    assert expected in message


def test_every_bad_value_is_told_at_once(monkeypatch):
    monkeypatch.setenv("AMENDS_LANGUAGE", "x")
    monkeypatch.setenv("AMENDS_RASA_PORT", "x")
    assert re.findall(r"^AMENDS_\w+", refused(), re.MULTILINE) == [
        "AMENDS_LANGUAGE",
        "AMENDS_RASA_PORT",
    ]


@pytest.mark.parametrize("key", ["langauge", "AMENDS_LANGUAGE", "smtp"])
def test_unknown_key_in_the_file_is_told_with_the_known_ones(key):
    write(f'{key} = "de"\n')
    message = refused()
    assert message.startswith("amends.toml: expected one of desk_port, ")
    assert message.endswith(f"; found {key}. Correct or remove it.")
    assert all(field in message for field in Settings.model_fields)


@pytest.mark.parametrize(
    "content",
    [b"language = ", b"language: de", b'language = "d\xff"', b"\x89PNG\r\n\x1a\n\x00", b"\x00"],
    ids=["cut", "YAML", "Latin-1", "image", "NUL"],
)
def test_file_that_is_no_toml_is_told(content):
    Path("amends.toml").write_bytes(content)
    message = refused()
    assert message.startswith("amends.toml: expected a TOML file in UTF-8, found: ")
    assert message.endswith('Write one setting a line, such as language = "en".')
    assert "\n" not in message


def test_folder_in_place_of_the_file_is_told():
    """Were it passed over, a shop's settings would be lost without a word."""
    Path("amends.toml").mkdir()
    assert refused().startswith("amends.toml: expected a TOML file in UTF-8, found: ")


def test_empty_file_is_as_good_as_none():
    before = load_settings()
    write("")
    assert load_settings() == before


def test_tickets_are_kept_in_the_state_folder_unless_a_database_is_set(tmp_path, monkeypatch):
    monkeypatch.setenv("AMENDS_STATE_DIR", str(tmp_path / "state"))
    assert load_settings().ticket_database_url == f"sqlite:///{tmp_path}/state/tickets.db"
    write('database_url = "sqlite:///from-file.db"\n')
    assert load_settings().ticket_database_url == "sqlite:///from-file.db"
    monkeypatch.setenv("AMENDS_DATABASE_URL", "sqlite:///from-environment.db")
    assert load_settings().ticket_database_url == "sqlite:///from-environment.db"


@pytest.mark.parametrize("field", ["session_key", "shop_key"])
@pytest.mark.parametrize("key", ["x", "not quite thirty-two characters"])
def test_a_key_that_is_too_short_is_refused_and_not_repeated(field, key, monkeypatch):
    monkeypatch.setenv(f"AMENDS_{field.upper()}", key)
    message = refused()
    assert message.startswith(f"AMENDS_{field.upper()}: expected at least 32 characters")
    assert f"found {len(key)} characters. Correct it" in message
    assert "openssl rand -hex 32" in message
    assert f"{key!r}" not in message


@pytest.mark.parametrize("field", ["session_key", "shop_key"])
def test_a_key_that_is_empty_is_none_and_one_of_32_characters_is_one(field, monkeypatch):
    monkeypatch.setenv(f"AMENDS_{field.upper()}", "")
    assert getattr(load_settings(), field) is None
    monkeypatch.setenv(f"AMENDS_{field.upper()}", "k" * 32)
    assert getattr(load_settings(), field).get_secret_value() == "k" * 32


@pytest.mark.parametrize(
    "written", ["https://a.example,http://[::1]:8080", " https://a.example , http://[::1]:8080,"]
)
def test_origins_are_separated_by_commas(written, monkeypatch):
    monkeypatch.setenv("AMENDS_ORIGINS", written)
    assert load_settings().allowed_origins == ("https://a.example", "http://[::1]:8080")


def test_addresses_follow_host_and_ports(monkeypatch):
    monkeypatch.setenv("AMENDS_HOST", "0.0.0.0")
    monkeypatch.setenv("AMENDS_RASA_PORT", "6001")
    monkeypatch.setenv("AMENDS_ACTIONS_PORT", "6002")
    settings = load_settings()
    assert settings.rasa_url == "http://0.0.0.0:6001"
    assert settings.actions_url == "http://0.0.0.0:6002"
    monkeypatch.setenv("AMENDS_HOST", "::1")
    assert load_settings().rasa_url == "http://[::1]:6001"


def test_the_default_deadlines_leave_rasa_time_within_the_promised_three_seconds():
    settings = load_settings()
    assert settings.assess_deadline_s + settings.action_deadline_s <= REPLY_WITHIN_S - 0.5


def test_settings_of_a_process_are_read_once(monkeypatch):
    get_settings.cache_clear()
    first = get_settings()
    monkeypatch.setenv("AMENDS_LANGUAGE", "de")
    assert get_settings() is first
    get_settings.cache_clear()
    assert get_settings().language == "de"


def test_a_failure_is_not_remembered(monkeypatch):
    get_settings.cache_clear()
    monkeypatch.setenv("AMENDS_RASA_PORT", "0")
    with pytest.raises(SettingsError, match="AMENDS_RASA_PORT"):
        get_settings()
    monkeypatch.setenv("AMENDS_RASA_PORT", "6001")
    assert get_settings().rasa_port == 6001
