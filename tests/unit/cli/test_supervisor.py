"""Watching over programs: what ends is started again, later and later, and all are stopped in order."""

import errno
import signal
import sys
from pathlib import Path

import pytest

from huifang.cli.errors import ChildFailedError
from huifang.cli.supervisor import Program, Supervisor, describe_end, restart_delay


class FakeProcess:
    """A process that ends when told."""

    def __init__(self, ended: list[str], name: str) -> None:
        self.pid = 2**22 + 1  # Larger than any process number of this system.
        self.returncode: int | None = None
        self._ended, self._name = ended, name

    def poll(self) -> int | None:
        return self.returncode

    def wait(self, timeout: float | None = None) -> int | None:
        return self.returncode

    def send_signal(self, number: int) -> None:
        self.returncode = -number
        self._ended.append(self._name)


class Stage:
    """A supervisor whose processes are fakes."""

    def __init__(self, logs: Path) -> None:
        self.said: list[str] = []
        self.ended: list[str] = []
        self.processes: list[FakeProcess] = []
        self.supervisor = Supervisor(
            logs=logs, environment={}, say=self.said.append, start_process=self._start
        )

    def _start(self, command, output):  # type: ignore[no-untyped-def]
        self.processes.append(FakeProcess(self.ended, command.arguments[0]))
        return self.processes[-1]

    def launch(self, name: str) -> FakeProcess:
        program = Program(name=name, arguments=[name], is_ready=lambda: True)
        self.supervisor.launch(program, now=0.0)
        return self.processes[-1]


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return Stage(tmp_path)


def test_the_delay_doubles_and_stays_below_half_a_minute() -> None:
    assert [restart_delay(failures) for failures in (1, 2, 3, 7, 100)] == [0.5, 1.0, 2.0, 30.0, 30.0]


def test_a_program_that_ended_is_started_again_once_its_delay_is_over(stage: Stage) -> None:
    stage.launch("web").returncode = -9
    stage.supervisor.tend(now=10.0)
    stage.supervisor.tend(now=10.4)
    assert len(stage.processes) == 1
    stage.supervisor.tend(now=10.5)
    assert len(stage.processes) == 2
    assert "was ended by SIGKILL" in stage.said[0]
    assert "was restarted" in stage.said[1]


def test_a_program_that_keeps_failing_is_started_less_and_less_often(stage: Stage) -> None:
    stage.launch("web")
    for now in (1.0, 2.0, 4.0):
        stage.processes[-1].returncode = 1
        stage.supervisor.tend(now=now)
        stage.supervisor.tend(now=now + 2.0)
    assert [line.split(";")[1] for line in stage.said if "ended" in line] == [
        " restart in 0.5 s",
        " restart in 1 s",
        " restart in 2 s",
    ]


def test_a_program_that_ran_steadily_starts_over_with_a_short_delay(stage: Stage) -> None:
    stage.launch("web").returncode = 1
    stage.supervisor.tend(now=1.0)
    stage.supervisor.tend(now=2.0)
    stage.processes[-1].returncode = 1
    stage.supervisor.tend(now=100.0)
    assert "restart in 0.5 s" in stage.said[-1]


def test_where_nothing_can_be_written_programs_are_tried_again_later(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage.launch("web").returncode = 1
    stage.supervisor.tend(now=1.0)
    with monkeypatch.context() as patch:
        patch.setattr(Path, "open", _no_space)
        stage.supervisor.tend(now=2.0)
        assert "No space left" in stage.said[-1]
        assert "next attempt in 1 s" in stage.said[-1]
    stage.supervisor.tend(now=3.0)
    assert "was restarted" in stage.said[-1]


def test_postgresql_that_finds_no_space_is_tried_again_later(stage: Stage) -> None:
    class Full:
        """A server that is down, on a full disk."""

        def is_running(self) -> bool:
            return False

        start = _no_space

    stage.supervisor.postgres = Full()  # type: ignore[assignment]
    stage.supervisor.tend(now=1.0)
    assert "next attempt in 0.5 s" in stage.said[-1]


def test_a_log_that_cannot_be_moved_aside_is_cut_off(
    stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("huifang.cli.supervisor._LOG_BYTES_MAX", 10)
    monkeypatch.setattr(Path, "write_bytes", _no_space)
    (tmp_path / "web.log").write_text("a long line\n")
    stage.supervisor.trim_logs()
    assert (tmp_path / "web.log").read_text() == ""


def _no_space(*_: object, **__: object) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


def test_programs_that_run_are_left_alone(stage: Stage) -> None:
    stage.launch("web")
    stage.launch("worker").returncode = 1
    stage.supervisor.tend(now=1.0)
    stage.supervisor.tend(now=2.0)
    assert stage.ended == []
    assert len(stage.processes) == 3


def test_programs_are_stopped_in_the_order_of_their_start(stage: Stage) -> None:
    for name in ("web", "gateway", "worker"):
        stage.launch(name)
    stage.supervisor.stop()
    assert stage.ended == ["web", "gateway", "worker"]


def test_a_program_that_never_becomes_ready_is_refused_with_the_end_of_its_log(tmp_path: Path) -> None:
    supervisor = Supervisor(logs=tmp_path, environment={}, say=lambda text: None)
    program = Program(
        name="web",
        arguments=[sys.executable, "-S", "-c", "print('no such table'); raise SystemExit(3)"],
        is_ready=lambda: False,
    )
    child = supervisor.launch(program, now=0.0)
    with pytest.raises(ChildFailedError, match="no such table"):
        supervisor.wait_until_ready(child)


def test_a_log_that_grew_large_is_moved_aside(
    stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("huifang.cli.supervisor._LOG_BYTES_MAX", 10)
    (tmp_path / "web.log").write_text("a long line\n")
    (tmp_path / "worker.log").write_text("short\n")
    stage.supervisor.trim_logs()
    assert (tmp_path / "web.log").read_text() == ""
    assert (tmp_path / "web.log.1").read_text() == "a long line\n"
    assert (tmp_path / "worker.log").read_text() == "short\n"


def test_an_end_is_told_in_words() -> None:
    assert describe_end(-signal.SIGKILL) == "was ended by SIGKILL"
    assert describe_end(3) == "ended with code 3"
