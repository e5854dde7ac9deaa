"""What the worker runs for Insights: it keeps the facts up to date, and their folder tidy."""

from huifang.insights.facts import store
from huifang.insights.settings import facts_folder
from huifang.kernel import clock, worker

_IDLE_SECONDS = 10.0
_PACE_SECONDS = 8.0


@worker.loop(name="insights-facts", idle_seconds=_IDLE_SECONDS)
def keep_facts() -> int:
    """Write what is new or has changed; any number of workers may, each topic by one at a time."""
    folder, now = facts_folder(), clock.now()
    folder.mkdir(parents=True, exist_ok=True, mode=0o750)
    return store.one_round(folder=folder, now=now, pace=_PACE_SECONDS)


@worker.periodic(cron="*/10 * * * *")
@worker.task(queue="insights")
def sweep_facts(timestamp: int) -> None:
    """Remove files that nobody reads any more."""
    store.sweep(folder=facts_folder(), now=clock.now())
