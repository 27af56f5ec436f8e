"""Settings of the shop's own system: what cannot work stops the start, and secrets are hidden."""

import subprocess
import sys

import pytest

from amends.serve.surroundings import environment
from amends.settings import ROOT, SettingsError, load_settings

COMPLETE = {
    "SHOP_CONNECTOR": "woocommerce",
    "WOOCOMMERCE_URL": "https://shop.example/",
    "WOOCOMMERCE_KEY": "ck_hush",
    "WOOCOMMERCE_SECRET": "cs_hush",
}


@pytest.fixture
def complete(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    for name, value in COMPLETE.items():
        monkeypatch.setenv(f"AMENDS_{name}", value)


def test_without_anything_set_the_shop_is_the_demo_shop(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    settings = load_settings()
    assert (settings.shop_connector, settings.shop_timeout_s) == ("demo", 4.0)


@pytest.mark.parametrize("missing", ["WOOCOMMERCE_URL", "WOOCOMMERCE_KEY", "WOOCOMMERCE_SECRET"])
@pytest.mark.parametrize("value", [None, ""])
def test_woocommerce_without_what_it_needs_stops_the_start(complete, monkeypatch, missing, value):
    if value is None:
        monkeypatch.delenv(f"AMENDS_{missing}")
    else:
        monkeypatch.setenv(f"AMENDS_{missing}", value)
    with pytest.raises(SettingsError) as error:
        load_settings()
    text = str(error.value)
    assert text.startswith(
        f"AMENDS_{missing}: expected a value, because AMENDS_SHOP_CONNECTOR is woocommerce"
    )
    assert "hush" not in text


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("SHOP_CONNECTOR", "shopify", "'demo' or 'woocommerce'"),
        ("WOOCOMMERCE_URL", "shop.example", "an address such as"),
        ("WOOCOMMERCE_URL", "ftp://shop.example", "an address such as"),
        ("SHOP_TIMEOUT_S", "0", "greater than 0"),
        ("SHOP_TIMEOUT_S", "61", "less than or equal to 60"),
    ],
)
def test_what_cannot_work_stops_the_start(complete, monkeypatch, name, value, expected):
    monkeypatch.setenv(f"AMENDS_{name}", value)
    with pytest.raises(SettingsError) as error:
        load_settings()
    assert str(error.value).startswith(f"AMENDS_{name}: ")
    assert expected in str(error.value)


def test_what_works_is_taken_and_hidden(complete):
    settings = load_settings()
    assert settings.woocommerce_url == "https://shop.example"
    assert settings.woocommerce_secret.get_secret_value() == "cs_hush"
    assert "hush" not in repr(settings)
    assert "hush" not in settings.model_dump_json()


def test_a_child_process_sees_the_same_shop(complete, monkeypatch):
    """As `amends run` starts the action server."""
    settings = load_settings()
    for name in COMPLETE:
        monkeypatch.delenv(f"AMENDS_{name}")
    code = (
        "from actions import services; shop = services.shop();"
        "print(type(shop).__name__, shop._client._url, shop._client._secret.get_secret_value())"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env=environment(settings),
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["WooCommerceShop", "https://shop.example", "cs_hush"]
