"""What the worker runs for textanalysis: texts are collected and read, models learn, topics are watched."""

from datetime import datetime

from huifang.kernel import clock, worker
from huifang.textanalysis import (
    chores,
    collecting,
    engine_choice,
    learning,
    proposing,
    queueing,
    watching,
    working,
)
from huifang.textanalysis.models import Finding, TextState
from huifang.textanalysis.stored import TOPICS

_WORKER = "system:worker"
_TAUGHT_BY = 500


@worker.loop(name="texts-collect", idle_seconds=2.0)
def collect_texts() -> int:
    """Take in what customers wrote."""
    return collecting.collect(now=clock.now())


@worker.loop(name="texts-read", idle_seconds=1.0)
def read_texts() -> int:
    """Find out what they mean."""
    return working.work(now=clock.now())


@worker.loop(name="texts-chores", idle_seconds=5.0)
def do_chores() -> int:
    """Learn, watch and discover, one after the other; nothing of it while no text ever came."""
    now = clock.now()
    if not Finding.objects.exists():
        return 0
    return _learn(now) + _watch(now) + _discover(now)


def _learn(now: datetime) -> int:
    if engine_choice.chosen() == engine_choice.RULES:
        return 0
    done = int(learning.ensure(now=now))
    for kind in learning.asked_kinds():
        done += chores.do_alone(chores.RETRAIN + kind, lambda kind=kind: _retrain(kind), now=now)  # type: ignore[misc]
    return done


def _retrain(kind: str) -> None:
    now = clock.now()
    learning.retrain(kind, by=_WORKER, now=now)
    learning.measure_engines(now=now)
    # The queue of texts to label asks what the engine believes of a topic that it does not know well.
    if kind == TOPICS and queueing.taught():
        working.read_newest_again(limit=_TAUGHT_BY, now=now)


def _watch(now: datetime) -> int:
    # A backlog is read first: half a day would look like a fall, the other half like a rise.
    if Finding.objects.filter(state=TextState.QUEUED, found_at=None).exists():
        return 0
    if not chores.is_due(chores.RISES, every=watching.EVERY, now=now):
        return 0
    return int(chores.do_alone(chores.RISES, lambda: _check(now), now=now))


def _check(now: datetime) -> None:
    watching.check(now=now)


def _discover(now: datetime) -> int:
    if not proposing.is_due(now=now):
        return 0
    until = proposing.last_id()
    return int(chores.do_alone(chores.DISCOVERY, lambda: _propose(now), now=now, until_id=until))


def _propose(now: datetime) -> None:
    proposing.discover(now=now)
