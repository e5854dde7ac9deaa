"""What the worker runs for plans: the runner, the dispatcher, rehearsals."""

from huifang.kernel import clock, worker
from huifang.plans import breaker, campaigns, dispatcher, pruning, rehearsals, runner, sweeps


@worker.loop(name="plans-runner")
def run_plans() -> int:
    """Turn new events into enrolments."""
    return runner.run(now=clock.now(), clock_trusted=clock.is_trusted())


@worker.loop(name="plans-dispatcher")
def dispatch_due() -> int:
    """Contact those whose step is due."""
    return dispatcher.dispatch(now=clock.now(), clock_trusted=clock.is_trusted())


@worker.loop(name="plans-calendar", idle_seconds=5.0)
def sweep_days() -> int:
    """Bring in those whose day has come."""
    return sweeps.sweep(now=clock.now(), clock_trusted=clock.is_trusted())


@worker.loop(name="plans-campaigns", idle_seconds=2.0)
def advance_campaigns() -> int:
    """Bring in the next customers of segments and lists."""
    return campaigns.advance(now=clock.now(), clock_trusted=clock.is_trusted())


@worker.loop(name="plans-breaker", idle_seconds=30.0)
def watch_breakers() -> int:
    """Pause plans whose contacts fail or are refused too often."""
    return breaker.watch(now=clock.now(), clock_trusted=clock.is_trusted())


@worker.periodic(cron="53 2 * * *")
@worker.task(queue="upkeep")
def prune_decisions(timestamp: int) -> None:
    """Every night: decisions and follow-ups that are older than they are kept."""
    pruning.prune(now=clock.now())


@worker.task(name=rehearsals.JOB, queue=rehearsals.QUEUE)
def run_rehearsal(rehearsal_id: int) -> None:
    """Do one queued rehearsal."""
    rehearsals.run(rehearsal_id=rehearsal_id, now=clock.now())
