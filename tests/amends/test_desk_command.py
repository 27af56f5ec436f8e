import pytest
from typer.testing import CliRunner

from amends.cli import app
from amends.settings import get_settings
from desk.accounts.agents import Role
from desk.accounts.invitations import Invitations
from tickets.database import open_engine
from tickets.store import migrate


@pytest.mark.parametrize(
    ("options", "role"), [([], Role.AGENT), (["--administrator"], Role.ADMINISTRATOR)]
)
def test_an_invitation_is_printed_and_makes_such_an_account(options, role, monkeypatch):
    monkeypatch.setenv("AMENDS_DESK_URL", "https://desk.shop.example")
    url = get_settings().ticket_database_url
    migrate(url)
    result = CliRunner().invoke(app, ["desk", "invite", *options])
    assert result.exit_code == 0, result.stderr
    address, _, secret = result.stdout.strip().rpartition("/")
    assert address == "https://desk.shop.example/welcome"
    engine = open_engine(url)
    assert Invitations(engine).role(secret) is role
    engine.dispose()


def test_without_a_database_it_says_what_to_do():
    result = CliRunner().invoke(app, ["desk", "invite"])
    assert (result.exit_code, result.stdout) == (1, "")
    assert "Run `amends tickets migrate`" in result.stderr
