"""What the servers are told of the settings."""

from amends.serve.surroundings import environment
from amends.settings import Settings


def test_every_setting_is_passed_on_as_a_person_would_write_it(tmp_path, monkeypatch) -> None:
    written = {"LANGUAGES": "en,zh", "STATE_DIR": str(tmp_path), "SHOP_TIMEOUT_S": "2.5"}
    for name, value in written.items():
        monkeypatch.setenv(f"AMENDS_{name}", value)
    passed = environment(Settings())
    assert {name: passed[f"AMENDS_{name}"] for name in written} == written
