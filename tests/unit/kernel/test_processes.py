"""Starting and ending child processes."""

import os
import signal
import subprocess
import sys
from pathlib import Path

from huifang.kernel import processes

SLEEPER = [sys.executable, "-S", "-c", "import time; print('up', flush=True); time.sleep(60)"]
DEAF = [
    sys.executable,
    "-S",
    "-c",
    "import signal as s, time; s.signal(s.SIGTERM, s.SIG_IGN); print('up', flush=True); time.sleep(60)",
]
PARENT = """
import subprocess, sys, time
from pathlib import Path
from huifang.kernel import processes
sleeper = [sys.executable, "-S", "-c", "import time; time.sleep(60)"]
child = processes.start(processes.Command(arguments=sleeper), output=subprocess.DEVNULL)
print(child.pid, flush=True)
time.sleep(60)
"""


def started(arguments: list[str]) -> processes.Process:
    process = processes.start(processes.Command(arguments=arguments), output=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdout.readline() == b"up\n"
    return process


def test_a_child_that_obeys_is_stopped_gently() -> None:
    process = started(SLEEPER)
    assert processes.stop(process, ((signal.SIGTERM, 10.0),))
    assert process.returncode == -signal.SIGTERM


def test_a_child_that_does_not_obey_is_killed() -> None:
    process = started(DEAF)
    assert not processes.stop(process, ((signal.SIGTERM, 0.2),))
    assert process.returncode == -signal.SIGKILL


def test_a_child_ends_when_its_parent_is_killed() -> None:
    parent = subprocess.Popen([sys.executable, "-c", PARENT], stdout=subprocess.PIPE)
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    assert processes.is_alive(child)
    parent.kill()
    parent.wait()
    assert processes.wait_until(lambda: not processes.is_alive(child), seconds=10)


def test_a_zombie_is_not_alive() -> None:
    process = processes.start(
        processes.Command(arguments=[sys.executable, "-S", "-c", ""]), output=subprocess.DEVNULL
    )
    assert processes.wait_until(lambda: not processes.is_alive(process.pid), seconds=10)
    process.wait()


def test_processes_are_found_by_their_working_folder(tmp_path: Path) -> None:
    command = processes.Command(arguments=SLEEPER, folder=tmp_path)
    process = processes.start(command, output=subprocess.PIPE)
    assert processes.wait_until(lambda: processes.working_in(tmp_path) == [process.pid], seconds=10)
    processes.stop(process, ())
    assert processes.working_in(tmp_path) == []
    assert os.getpid() in processes.working_in(Path.cwd())


COLLECTOR = """
import gc, weakref
from huifang.kernel import processes
processes.collect_seldom()
assert gc.get_freeze_count() > 1000
class Knot: pass
def tie():
    knot = Knot()
    knot.self = knot
    return weakref.ref(knot)
first = tie()
tie()
assert first() is not None
for _ in range(200_000): tie()
print(first() is None)
"""


def test_garbage_is_looked_for_seldom_yet_found() -> None:
    told = subprocess.run([sys.executable, "-c", COLLECTOR], capture_output=True, text=True, check=True)
    assert told.stdout == "True\n"
