"""What the worker does for the console: forgets what is over."""

from huifang.console import services
from huifang.kernel import clock, worker


@worker.periodic(cron="23 3 * * *")
@worker.task(queue="upkeep")
def forget_what_is_over(timestamp: int) -> None:
    """Every night: ended sessions, and failed sign-ins of long ago."""
    services.forget_what_is_over(now=clock.now())
