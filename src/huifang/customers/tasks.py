"""What the worker runs for customers: merges are told again, for work that was under way."""

from datetime import timedelta

from huifang.customers import services
from huifang.kernel import clock, worker

_AGAIN_AFTER = timedelta(minutes=2)


@worker.loop(name="customers-merges", idle_seconds=20.0)
def tell_merges_again() -> int:
    """Rooms above move what they wrote for the gone customer while the first word was on its way."""
    now = clock.now()
    return services.tell_merges_again(before=now - _AGAIN_AFTER, now=now)
