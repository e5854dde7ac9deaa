"""Keeps a text that kills its worker from being tried for ever.

A worker holds a share of the queue by a lock of its connection, which ends with it, and counts a try on each
text before it reads. Who finishes sets the count back, so a count that stands is of a worker that died: its
texts are read in tens next time, then one by one, and one that was being read three times is set aside.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress

from django.db import DatabaseError, connection
from django.db.models import F

from huifang.textanalysis.models import Finding, TextState

SHARES = 4
_LOCK, _TRIES_MAX, _FEWER = 0x5458_5100, 3, 10


@contextmanager
def held(share: int) -> Iterator[bool]:
    """Hold *share* of the queue, unless another worker does; no transaction is open meanwhile."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [_LOCK + share])
        is_held = bool(cursor.fetchone()[0])
    try:
        yield is_held
    finally:
        if is_held:
            # A connection that broke has let it go already.
            with suppress(DatabaseError), connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [_LOCK + share])


def spent(ids: Sequence[int]) -> list[int]:
    """Those of *ids* that were being read each time that a worker died, as often as is allowed."""
    rows = Finding.objects.filter(pk__in=list(ids), state=TextState.QUEUED, tries__gte=_TRIES_MAX)
    return list(rows.order_by("pk").values_list("pk", flat=True))


def begin(ids: Sequence[int], *, batch: int) -> list[int]:
    """Count a try on the next of *ids* to read together: suspects first, the fewer the more often tried."""
    rows = Finding.objects.filter(pk__in=list(ids), state=TextState.QUEUED).order_by("-pk")
    tries = dict(rows.values_list("pk", "tries"))
    most = max(tries.values(), default=0)
    chosen = [pk for pk, count in tries.items() if count == most][: max(1, batch // _FEWER**most)]
    Finding.objects.filter(pk__in=chosen).update(tries=F("tries") + 1)
    return chosen


def undo(ids: Sequence[int]) -> None:
    """Take the try back: nobody died."""
    Finding.objects.filter(pk__in=list(ids), tries__gt=0).update(tries=F("tries") - 1)
