"""What the worker runs for questionnaires: anonymous ballots are mixed, addresses of past hours forgotten."""

from huifang.kernel import clock, worker
from huifang.questionnaires import ballots, links


@worker.loop(name="questionnaires-ballots", idle_seconds=60.0)
def mix_ballots() -> int:
    """Turn waiting ballots into responses, where enough of them are ready."""
    return ballots.mix(now=clock.now())


@worker.loop(name="questionnaires-addresses", idle_seconds=60.0)
def forget_addresses() -> int:
    """Sweep what the guard of open links counted."""
    return links.sweep_addresses(now=clock.now())
