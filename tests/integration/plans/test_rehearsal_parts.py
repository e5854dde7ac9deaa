"""A rehearsal in several processes says what one alone says, survives the death of one, and leaves none."""

import os
import socket
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace
from tests.integration.plans.makers import PAID, START, customer, insert_event, live, step

from huifang.customers.services import merge_customers, suppress
from huifang.kernel import processes
from huifang.kernel.ids import PlanId
from huifang.plans import parts, services, settings
from huifang.plans.models import Rehearsal
from huifang.plans.records import RehearsalResult
from huifang.plans.rules import read_definition

pytestmark = pytest.mark.django_db(transaction=True)

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
END, LATER = START + 6 * DAY, START + 40 * DAY
PATIENCE_SECONDS = 90.0


@pytest.fixture(autouse=True)
def _in_two_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "REHEARSAL_PROCESSES", 2)
    monkeypatch.setattr(parts, "PARTED_FROM", 1)


def _plan() -> PlanId:
    """A plan with customers of several kinds; four of them are two, whose names lie in different parts."""
    for number in range(24):
        zone = ("Asia/Shanghai", "Europe/Berlin", "")[number % 3]
        who = customer(f"W-{number}", consent=number % 5 > 0, zone=zone)
        if number % 7 == 0:
            suppress(customer_id=who, reason="complaint", source="test", at=START - DAY)
        insert_event(f"W-{number}", at=START + number * HOUR)
        insert_event(f"W-{number}", at=START + number * HOUR + 2 * DAY)
    merge_customers(kept="W-3", gone="W-6", by="person:1", now=START)
    merge_customers(kept="W-5", gone="W-9", by="person:1", now=START)
    return live(
        trigger={"event": PAID, "occurrence": "every"},
        holdout_basis_points=1_000,
        steps=[step("sms"), step("in_app", "fallback"), step("in_app", "reminder", "P1D")],
    )


def _rehearse(plan_id: PlanId) -> RehearsalResult:
    result = services.rehearse(plan_id=plan_id, start=START, end=END, by="person:1", now=LATER).result
    assert result is not None
    return result


def _dies(monkeypatch: pytest.MonkeyPatch, *, tries: int) -> list[parts._Process]:
    """Let the first *tries* processes of the first part be killed at once; all that were started."""
    started: list[parts._Process] = []
    start = parts._Process.start

    def killed(process: parts._Process) -> None:
        start(process)
        started.append(process)
        if process.part.number == 0 and process._tries <= tries:
            assert process._running
            process._running.kill()

    monkeypatch.setattr(parts._Process, "start", killed)
    return started


def test_two_processes_say_what_one_says(monkeypatch: pytest.MonkeyPatch):
    plan_id = _plan()
    divided = _rehearse(plan_id)
    monkeypatch.setattr(settings, "REHEARSAL_PROCESSES", 1)
    alone = _rehearse(plan_id)
    assert (divided.events, divided.people) == (48, 22)
    for name in set(RehearsalResult.__struct_fields__) - {"seconds", "samples"}:
        assert getattr(divided, name) == getattr(alone, name), name
    shown = [{key: sorted(names) for key, names in each.samples.items()} for each in (divided, alone)]
    assert shown[0] == shown[1]


def test_a_part_whose_process_dies_is_done_again(monkeypatch: pytest.MonkeyPatch):
    plan_id = _plan()
    started = _dies(monkeypatch, tries=1)
    assert _rehearse(plan_id).people == 22
    assert [process.part.number for process in started] == [0, 1, 0]
    assert all(process._running and process._running.poll() is not None for process in started)


def test_where_it_dies_again_the_rehearsal_says_so_and_leaves_no_process(monkeypatch: pytest.MonkeyPatch):
    plan_id = _plan()
    started = _dies(monkeypatch, tries=2)
    with pytest.raises(parts.PartFailedError):
        _rehearse(plan_id)
    assert Rehearsal.objects.get().state == "failed"
    assert all(process._running and process._running.poll() is not None for process in started)


def test_people_of_quotas_are_not_divided(monkeypatch: pytest.MonkeyPatch):
    quota = {"of": "people", "cell": "all", "per": "ever", "limit": 3}
    plan_id = live(trigger={"event": PAID, "occurrence": "every"}, quotas=[quota])
    insert_event("W-1", at=START)
    record = services.rehearse(plan_id=plan_id, start=START, end=END, by="person:1", now=LATER)
    row = Rehearsal.objects.get(pk=record.id)
    definition = read_definition(row.definition)
    assert parts.parts_for(definition, row) == 1
    assert parts.parts_for(replace(definition, quotas=()), row) == 2
    monkeypatch.setattr(settings, "REHEARSAL_PROCESSES", 0)
    for cores, count in ((64, 4), (1, 1), (None, 1)):
        monkeypatch.setattr(os, "cpu_count", lambda cores=cores: cores)
        assert parts.parts_for(replace(definition, quotas=()), row) == count


_PARENT = """
import os, subprocess, sys
command = [sys.executable, "-m", "huifang.plans.part_process", "1", "0", "2", str(os.getpid()), sys.argv[1]]
print(subprocess.Popen(command).pid, flush=True)
sys.stdin.readline()
"""


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a process looks for its parent now and then")
def test_a_process_ends_with_the_one_that_started_it(tmp_path: Path):
    with socket.create_server(("127.0.0.1", 0)) as database:  # takes connections and never answers
        database.settimeout(PATIENCE_SECONDS)
        url = f"postgresql://nobody@/nothing?host=127.0.0.1&port={database.getsockname()[1]}"
        parent = subprocess.Popen(
            [sys.executable, "-c", _PARENT, str(tmp_path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "DATABASE_URL": url},
        )
        assert parent.stdout
        child = int(parent.stdout.readline())
        asked, _ = database.accept()
        assert processes.is_alive(child)
        parent.kill()
        parent.communicate()
        assert processes.wait_until(lambda: not processes.is_alive(child), seconds=PATIENCE_SECONDS)
        asked.close()
