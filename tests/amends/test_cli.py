"""The command `amends` as a whole: its help, its errors, and what it imports."""

import re
import subprocess
import sys
from importlib.metadata import entry_points

import pytest
import typer
from typer.testing import CliRunner

from amends.cli import PlainErrors, app
from amends.errors import AmendsError

COMMANDS = {
    "assess": "One message: amends assess --text",
    "say": "Example: amends say",
    "chat": "`quit` or Ctrl-D leaves",
    "run": "until Ctrl-C",
    "explain": "Example: amends explain",
    "labels": "correct .* export .* suggest",
    "labels correct": "Example: amends labels correct",
    "labels export": "Example: amends labels export",
    "labels show": "Example: amends labels show",
    "labels suggest": "Example: amends labels suggest",
    "train": "amends train --data",
    "tune": "Example: amends tune --data",
    "evaluate": "Example: amends evaluate --data",
    "publish": "Example: amends publish",
    "rollback": "Example: amends rollback",
    "adapters": "list",
    "adapters list": "Example: amends adapters list",
    "desk": "invite",
    "desk invite": "Example: amends desk invite",
    "desk token": "create .* list .* revoke",
    "desk token create": "Example: amends desk token create",
    "desk token list": "Example: amends desk token list",
    "desk token revoke": "Example: amends desk token revoke",
    "tickets": "list .* show .* migrate",
    "tickets list": "Examples: amends tickets list --status open",
    "tickets show": "Example: amends tickets show",
    "tickets claim": "Example: amends tickets claim",
    "tickets reply": "Example: amends tickets reply",
    "tickets hand-back": "Example: amends tickets hand-back",
    "tickets resolve": "Example: amends tickets resolve",
    "tickets attachment": "Example: amends tickets attachment",
    "tickets migrate": "Safe to repeat",
    "tickets release": "Example: amends tickets release",
    "tickets assign": "Example: amends tickets assign",
    "tickets reopen": "Example: amends tickets reopen",
    "tickets note": "Example: amends tickets note",
    "tickets deliveries": "Examples: amends tickets deliveries",
    "tickets retry": "Examples: amends tickets retry",
    "tickets purge": "Delete old resolved tickets",
    "shopper": "export .* delete",
    "shopper export": "Example: amends shopper export",
    "shopper delete": "Delete all that is stored of a shopper",
}


def run(*arguments):
    return CliRunner(env={"COLUMNS": "200"}).invoke(app, arguments)


def failing(error):
    """The command line's own group with one command, which raises this."""
    program = typer.Typer(cls=PlainErrors, pretty_exceptions_enable=False)

    @program.command()
    def first():
        raise error

    @program.command()
    def second():
        typer.echo("fine")

    return program


def names(group, before=""):
    for name, command in group.commands.items():
        yield before + name
        yield from names(command, f"{before}{name} ") if hasattr(command, "commands") else ()


def test_every_command_is_known_to_these_tests():
    assert set(names(typer.main.get_command(app))) == set(COMMANDS)


@pytest.mark.parametrize("option", [["--help"], []], ids=["--help", "no arguments"])
def test_help_lists_every_command_and_how_to_begin(option):
    result = run(*option)
    assert result.exit_code == (0 if option else 2)
    shown = result.stdout + result.stderr
    for name in COMMANDS:
        if " " not in name:
            assert re.search(rf"^│ {name} +\w", shown, re.MULTILINE)
    assert "Start it with `amends run`" in shown
    assert "AMENDS_…" in shown


@pytest.mark.parametrize(("command", "lesson"), COMMANDS.items())
def test_every_command_has_help_that_teaches(command, lesson):
    result = run(*command.split(), "--help")
    assert (result.exit_code, result.stderr) == (0, "")
    assert re.search(lesson, " ".join(result.stdout.split()))


@pytest.mark.parametrize("command", COMMANDS)
def test_every_option_says_what_it_is_for(command):
    found = typer.main.get_command(app)
    for name in command.split():
        found = found.commands[name]
    silent = [option.name for option in found.params if not getattr(option, "help", None)]
    assert silent == []


def test_what_a_user_can_mend_is_one_line_on_stderr():
    class SomeError(AmendsError):
        pass

    result = CliRunner().invoke(failing(SomeError("expected tea, found none. Buy some.")), "first")
    assert result.exit_code == 1
    assert result.stdout == ""
    assert result.stderr == "amends: expected tea, found none. Buy some.\n"


@pytest.mark.parametrize("error", [ValueError("a defect"), KeyError("x"), OSError("disk")])
def test_a_defect_is_not_swallowed(error):
    result = CliRunner().invoke(failing(error), "first")
    assert result.exception is error
    assert "amends: " not in result.output


def test_a_command_that_works_is_left_alone():
    result = CliRunner().invoke(failing(AmendsError()), "second")
    assert (result.exit_code, result.output) == (0, "fine\n")


@pytest.mark.parametrize("command", [["assess", "--text", "hi"], ["tickets", "list"], ["run"]])
def test_setting_that_cannot_be_used_stops_every_command(command, monkeypatch):
    monkeypatch.setenv("AMENDS_RASA_PORT", "0")
    result = run(*command)
    assert result.exit_code == 1
    assert result.stdout == ""
    assert result.stderr.startswith("amends: AMENDS_RASA_PORT: Input should be greater than ")
    assert result.stderr.count("\n") == 1


@pytest.mark.parametrize("arguments", [["nonsense"], ["tickets", "nonsense"], ["--nonsense"]])
def test_unknown_command_is_a_usage_error(arguments):
    result = run(*arguments)
    assert result.exit_code == 2
    assert "nonsense" in result.stderr


def python(program, *arguments):
    return subprocess.run(
        [sys.executable, "-c", program, *arguments], capture_output=True, text=True, check=False
    )


def test_a_real_process_shows_the_line_and_no_traceback(tmp_path):
    missing = tmp_path / "in.csv"
    options = ["--input", str(missing), "--output", str(tmp_path / "out.jsonl")]
    done = python("from amends.cli import app; app()", "assess", *options)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"amends: {missing}: expected a file, found none. Correct --input.\n"


def test_a_real_process_shows_a_defect_with_its_traceback_but_no_values():
    program = (
        "from amends import cli\n"
        "def broken(secret: str): raise ValueError('a defect')\n"
        "cli.app.command()(broken)\n"
        "cli.app()\n"
    )
    done = python(program, "broken", "4111 1111")
    assert done.returncode == 1
    assert "Traceback (most recent call last)" in done.stderr
    assert done.stderr.endswith("ValueError: a defect\n")
    assert "4111" not in done.stderr


def test_help_waits_for_no_model_library():
    heavy = "torch transformers sentence_transformers peft sklearn bitsandbytes"
    program = f"import sys, amends.cli; print([m for m in '{heavy}'.split() if m in sys.modules])"
    done = python(program)
    assert (done.stdout, done.stderr) == ("[]\n", "")


def test_the_installed_command_is_this_one():
    (script,) = entry_points(group="console_scripts", name="amends")
    assert script.load() is app
