"""What the command line understands."""

from pathlib import Path

import pytest

from huifang.cli import main
from huifang.cli.errors import PortTakenError


def test_up_serves_this_machine_only_unless_asked() -> None:
    arguments = main.parser().parse_args(["up"])
    assert (arguments.host, arguments.port, arguments.gateway_port, arguments.demo) == (
        "127.0.0.1",
        8000,
        8001,
        False,
    )


@pytest.mark.parametrize("command", sorted(main.command_names()))
def test_every_command_takes_a_data_folder(command: str) -> None:
    found = main.command_names()[command]
    assert "--data-dir" in found.format_help()


def test_the_data_folder_is_made_absolute(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    assert main.parser().parse_args(["migrate", "--data-dir", "here"]).data_dir == tmp_path / "here"


def test_the_data_folder_may_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUIFANG_DATA_DIR", "/srv/wallet")
    assert main.parser().parse_args(["migrate"]).data_dir == Path("/srv/wallet")


def test_a_refusal_is_one_line_and_exit_code_2(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(arguments: object) -> int:
        raise PortTakenError(port=8000, host="127.0.0.1", reason="in use", flag="--port")

    monkeypatch.setattr("huifang.cli.migrate.run", refuse)
    assert main.main(["migrate"]) == 2
    written = capsys.readouterr()
    assert written.out == ""
    assert (
        written.err
        == "huifang: Port 8000 on 127.0.0.1 cannot be used (in use). Choose another with --port.\n"
    )


def test_the_demo_wallet_makes_as_much_load_as_is_asked() -> None:
    arguments = main.parser().parse_args(["demo-wallet", "--people", "5000", "--acts-per-day", "40"])
    assert (arguments.people, arguments.acts_per_day) == (5000, 40.0)


@pytest.mark.parametrize("option", ["--people=0", "--people=1000001", "--people=many", "--acts-per-day=0"])
def test_a_load_that_makes_no_sense_is_refused(option: str) -> None:
    with pytest.raises(SystemExit):
        main.parser().parse_args(["demo-wallet", option])
