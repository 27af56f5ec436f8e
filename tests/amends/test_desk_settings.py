"""Settings of the desk: what cannot work stops the start, and secrets are not repeated."""

import pytest

from amends.setting_types import BLOCKED_PORTS
from amends.settings import SettingsError, load_settings

SECRET = "whsec_" + "A" * 40


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("DESK_URL", "desk.shop.example", "an address such as https://desk.shop.example"),
        ("OIDC_ISSUER", "ftp://x", "an address such as"),
        ("WEBHOOK_URL", "hooks", "an address such as"),
        ("WEBHOOK_SECRET", "A" * 44, "whsec_ and 24 to 64 bytes in base64"),
        ("WEBHOOK_SECRET", "whsec_AAAA", "whsec_ and 24 to 64 bytes in base64"),
        ("SMTP_URL", "http://name:hush@mail.example", "smtp://host:port or smtps://"),
        ("OPENING_HOURS", "when we like", "opening hours as OpenStreetMap writes them"),
        ("TIME_ZONE", "Mars/Olympus", "the name of a time zone"),
        ("RETENTION_DAYS", "-1", "greater than or equal to 0"),
    ],
)
def test_what_cannot_work_stops_the_start(monkeypatch, tmp_path, name, value, expected):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(f"AMENDS_{name}", value)
    with pytest.raises(SettingsError) as error:
        load_settings()
    assert str(error.value).startswith(f"AMENDS_{name}: ")
    assert expected in str(error.value)
    if name in ("WEBHOOK_SECRET", "SMTP_URL"):
        assert value not in str(error.value)


def test_what_works_is_taken(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    for name, value in {
        "DESK_URL": "https://desk.shop.example/",
        "WEBHOOK_SECRET": SECRET,
        "SMTP_URL": "smtp://name:hush@mail.example:587",
        "OPENING_HOURS": "Mo-Fr 09:00-17:00; PH off",
        "TIME_ZONE": "Europe/Rome",
    }.items():
        monkeypatch.setenv(f"AMENDS_{name}", value)
    settings = load_settings()
    assert settings.desk_address == "https://desk.shop.example"
    assert settings.webhook_secret.get_secret_value() == SECRET
    assert "hush" not in repr(settings)


def test_the_desk_is_on_this_machine_unless_said_otherwise(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    assert load_settings().desk_address == "http://127.0.0.1:5070"


@pytest.mark.parametrize("name", ["DESK_PORT", "SHOP_PORT", "RASA_PORT"])
@pytest.mark.parametrize("port", ["5060", "6000", "6667", "10080"])
def test_a_port_that_no_browser_opens_is_refused(monkeypatch, tmp_path, name, port):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(f"AMENDS_{name}", port)
    with pytest.raises(SettingsError) as error:
        load_settings()
    assert str(error.value).startswith(f"AMENDS_{name}: expected a port that browsers open")
    assert port in str(error.value)


def test_the_defaults_are_ports_that_browsers_open(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    settings = load_settings()
    assert not {settings.desk_port, settings.shop_port, settings.rasa_port} & BLOCKED_PORTS
