"""The key that the servers share: made once, kept for its owner, told to children alone."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from amends.serve.errors import ServeError
from amends.serve.session_key import session_key
from amends.serve.supervisor import addresses, servers
from amends.serve.surroundings import environment
from amends.service_tokens import check_service_token, make_service_token, service_key
from amends.settings import Settings

KEY = "a session key that nobody can guess"
MAKE = (
    "import sys; from pathlib import Path; from amends.settings import Settings; "
    "from amends.serve.session_key import session_key; "
    "print(session_key(Settings(state_dir=Path(sys.argv[1]))).get_secret_value())"
)


def test_a_key_is_made_at_the_first_start_and_kept_for_its_owner_alone(tmp_path: Path) -> None:
    settings = Settings(state_dir=tmp_path / "state")
    key = session_key(settings).get_secret_value()
    assert len(key) >= 32
    assert (tmp_path / "state" / "session.key").stat().st_mode & 0o777 == 0o600
    assert session_key(settings).get_secret_value() == key
    assert [file.name for file in (tmp_path / "state").iterdir()] == ["session.key"]


def test_every_checkout_has_a_key_of_its_own(tmp_path: Path) -> None:
    keys = {session_key(Settings(state_dir=tmp_path / name)).get_secret_value() for name in "abc"}
    assert len(keys) == 3


def test_a_key_that_is_set_wins_and_none_is_made(tmp_path: Path) -> None:
    settings = Settings(state_dir=tmp_path / "state", session_key=KEY)
    assert session_key(settings).get_secret_value() == KEY
    assert not (tmp_path / "state").exists()


def test_of_many_that_start_at_once_one_key_wins_for_all(tmp_path: Path) -> None:
    def start(_: int) -> str:
        return subprocess.run(
            [sys.executable, "-c", MAKE, str(tmp_path)], capture_output=True, text=True, check=True
        ).stdout

    with ThreadPoolExecutor(6) as pool:
        assert len(set(pool.map(start, range(6)))) == 1
    assert [file.name for file in tmp_path.iterdir()] == ["session.key"]


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o660])
def test_a_key_that_others_can_read_is_refused(tmp_path: Path, mode: int) -> None:
    settings = Settings(state_dir=tmp_path)
    key = session_key(settings).get_secret_value()
    (tmp_path / "session.key").chmod(mode)
    with pytest.raises(ServeError) as caught:
        session_key(settings)
    assert f"readable by its owner alone, found mode {mode:o}" in str(caught.value)
    assert "remove the file, and `amends run` makes a new one" in str(caught.value)
    assert key not in str(caught.value)


@pytest.mark.parametrize(
    ("content", "found"),
    [(b"", "found 0"), (b"short\n", "found 5"), (b"\xff\xfe" * 40, "found: 'utf-8' codec")],
)
def test_a_kept_key_that_is_none_is_refused(tmp_path: Path, content: bytes, found: str) -> None:
    file = tmp_path / "session.key"
    file.write_bytes(content)
    file.chmod(0o600)
    with pytest.raises(ServeError) as caught:
        session_key(Settings(state_dir=tmp_path))
    assert found in str(caught.value)
    assert str(file) in str(caught.value)


def test_a_state_folder_that_is_a_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("")
    with pytest.raises(ServeError, match="Make the folder writable, or set AMENDS_SESSION_KEY"):
        session_key(Settings(state_dir=tmp_path / "state"))


@pytest.mark.parametrize("key", [None, KEY])
def test_servers_and_commands_know_the_same_key(tmp_path: Path, key: str | None) -> None:
    settings = Settings(state_dir=tmp_path, session_key=key)
    told = environment(settings)["AMENDS_SESSION_KEY"]
    check_service_token(f"Bearer {make_service_token(told)}", service_key(settings))


def test_children_are_told_keys_and_not_asterisks(tmp_path: Path) -> None:
    settings = Settings(state_dir=tmp_path, session_key=KEY, shop_key=KEY[::-1])
    env = environment(settings)
    assert (env["AMENDS_SESSION_KEY"], env["AMENDS_SHOP_KEY"]) == (KEY, KEY[::-1])
    assert environment(Settings(state_dir=tmp_path))["AMENDS_SHOP_KEY"] == ""


def test_no_key_is_printed_or_on_a_command_line_which_every_user_can_list(tmp_path: Path) -> None:
    settings = Settings(state_dir=tmp_path, session_key=KEY, shop_key=KEY[::-1])
    commands = [server.child._command for server in servers(settings, tmp_path / "model")]
    shown = f"{settings!r} {settings} {settings.model_dump()} {addresses(settings)} {commands}"
    assert KEY not in shown
    assert KEY[::-1] not in shown


@pytest.mark.parametrize(
    ("set_to", "told"),
    [
        ("", "sqlite:///{state}/tickets.db"),
        ("sqlite:////srv/tickets.db", "sqlite:////srv/tickets.db"),
        ("postgresql+psycopg://a:b@db/shop", "postgresql://a:b@db/shop"),
        ("postgresql://a:b@db/shop", "postgresql://a:b@db/shop"),
    ],
)
def test_rasa_is_told_a_database_that_its_environment_has_a_driver_for(
    tmp_path: Path, set_to: str, told: str
) -> None:
    env = environment(Settings(state_dir=tmp_path, database_url=set_to))
    assert env["AMENDS_TICKETS_URL"] == told.format(state=tmp_path)


def test_a_relative_state_folder_is_the_same_one_for_a_child_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    env = environment(Settings(state_dir=Path("state")))
    assert env["AMENDS_TICKETS_URL"] == f"sqlite:///{tmp_path}/state/tickets.db"
    assert env["AMENDS_WIDGET_DIR"] == f"{tmp_path}/state/widget"


def test_rasa_is_told_the_demo_shops_origins_unless_others_are_set(tmp_path: Path) -> None:
    default = environment(Settings(state_dir=tmp_path, shop_port=6003))["AMENDS_ORIGINS"]
    assert default == "http://127.0.0.1:6003,http://localhost:6003"
    own = Settings(state_dir=tmp_path, origins="https://shop.example")
    assert environment(own)["AMENDS_ORIGINS"] == "https://shop.example"
