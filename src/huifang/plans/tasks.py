"""What the worker runs for plans: the runner, the dispatcher, rehearsals."""

from huifang.kernel import clock, worker
from huifang.plans import dispatcher, rehearsals, runner


@worker.loop(name="plans-runner")
def run_plans() -> int:
    """Turn new events into enrolments."""
    return runner.run(now=clock.now(), clock_trusted=clock.is_trusted())


@worker.loop(name="plans-dispatcher")
def dispatch_due() -> int:
    """Contact those whose step is due."""
    return dispatcher.dispatch(now=clock.now(), clock_trusted=clock.is_trusted())


@worker.task(name=rehearsals.JOB, queue=rehearsals.QUEUE)
def run_rehearsal(rehearsal_id: int) -> None:
    """Do one queued rehearsal."""
    rehearsals.run(rehearsal_id=rehearsal_id, now=clock.now())
