"""The events room's upkeep in the worker."""

from datetime import date

from huifang.events import services
from huifang.events.records import RejectedFilter
from huifang.kernel import clock, worker


@worker.loop(name="events-tallies", idle_seconds=2.0)
def fold_tallies() -> int:
    """Keep the catalogue up to date."""
    return services.fold_tallies()


@worker.loop(name="events-schemas", idle_seconds=5.0)
def learn_schemas() -> int:
    """Keep what events look like up to date. Counts as idle, so that it never runs without a pause."""
    services.learn_schemas(now=clock.now())
    return 0


@worker.periodic(cron="17 * * * *")
@worker.task(queue=services.QUEUE)
def watch_silence(timestamp: int) -> None:
    """Notice events that no longer come."""
    services.watch_silence(now=clock.now())


@worker.periodic(cron="7 * * * *")
@worker.task(queue=services.QUEUE)
def prepare_partitions(timestamp: int) -> None:
    """Make months ahead of time."""
    services.prepare_partitions(now=clock.now())


@worker.periodic(cron="37 3 * * *")
@worker.task(queue=services.QUEUE)
def drop_past_storage(timestamp: int) -> None:
    """Keep to the storage periods."""
    services.drop_past_storage(now=clock.now())


@worker.task(queue=services.QUEUE, name=services.REPLAY_JOB)
def replay_matching(*, code: str, source_id: int | None, day: str, by: str) -> None:
    """Replay many rejected events."""
    wanted = RejectedFilter(code=code, source_id=source_id, day=date.fromisoformat(day) if day else None)
    services.replay_matching(wanted=wanted, by=by, now=clock.now(), limit=services.REPLAY_MAX)
