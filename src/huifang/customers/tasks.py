"""What the worker runs for customers: imports from the console, and merges told again."""

from datetime import timedelta

from huifang.customers import services
from huifang.customers.imports import jobs
from huifang.kernel import clock, worker

_AGAIN_AFTER = timedelta(minutes=2)


@worker.loop(name="customers-merges", idle_seconds=20.0)
def tell_merges_again() -> int:
    """Rooms above move what they wrote for the gone customer while the first word was on its way."""
    now = clock.now()
    return services.tell_merges_again(before=now - _AGAIN_AFTER, now=now)


@worker.loop(name="customers-imports", idle_seconds=1.0)
def run_imports() -> int:
    """Take in files that were brought to the console, also those that a killed worker left."""
    return jobs.run_next(now=clock.now)


@worker.loop(name="customers-import-files", idle_seconds=3600.0)
def clear_imports() -> int:
    """Delete files of imports that are long done."""
    return jobs.clear(now=clock.now())
