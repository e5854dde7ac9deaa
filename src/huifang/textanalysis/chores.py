"""Recurring work of one worker at a time: who asked for it, when it was done, and who does it now."""

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta

from django.db import IntegrityError, connection, transaction

from huifang.textanalysis.models import Chore

RETRAIN, RISES, DISCOVERY = "retrain:", "rises", "discovery"
_LOCK = 0x5458_4300


def ask(name: str, *, now: datetime) -> None:
    """Have *name* done soon."""
    if not Chore.objects.filter(name=name).update(asked_at=now):
        with suppress(IntegrityError), transaction.atomic():
            Chore.objects.create(name=name, asked_at=now)


def state(name: str) -> Chore:
    """What is known of *name*."""
    return Chore.objects.filter(name=name).first() or Chore(name=name)


def is_asked(name: str) -> bool:
    """Whether somebody asked for *name* and it was not begun since."""
    return state(name).asked_at is not None


def is_due(name: str, *, every: timedelta, now: datetime) -> bool:
    """Whether *name* was last done so long ago, or never."""
    done = state(name).done_at
    # A clock that was set back must not stop the work.
    return done is None or not done <= now < done + every


def do_alone(name: str, run: Callable[[], None], *, now: datetime, until_id: int | None = None) -> bool:
    """Run *name* unless another worker does, and remember that it was done; whether it ran.

    The lock opens no transaction id, so nobody's cursor waits for a long computation.
    """
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_xact_lock(%s, hashtext(%s))", [_LOCK, name])
            if not cursor.fetchone()[0]:
                return False
        asked = state(name).asked_at
        run()
        done: dict[str, object] = {"done_at": now}
        if until_id is not None:
            done["until_id"] = until_id
        chore, _ = Chore.objects.update_or_create(name=name, defaults=done)
        # Who asked again meanwhile gets it again.
        Chore.objects.filter(pk=chore.pk, asked_at=asked).update(asked_at=None)
        return True
