"""Takes texts in: masks them, stores them once, queues them for the worker. Nothing else of them is kept."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from django.db import transaction

from huifang.textanalysis import masking, reading
from huifang.textanalysis.models import Correction, Finding, Label, TextState
from huifang.textanalysis.records import NewText

_FRAME = ("channel", "version", "region", "event")
_FILLED = ("masked", "digest", "at", "rating", "given_language", "customer_id", "plan_id", *_FRAME)
_FRAME_MAX = 200


@dataclass(frozen=True, slots=True)
class _Taken:
    """A text with its words masked, and a sum that changes when it must be read again."""

    text: NewText
    masked: str
    digest: str


def take_texts(*, texts: Sequence[NewText], now: datetime) -> int:
    """Queue those of *texts* that are new or whose words or rating changed; how many.

    Only the masked text is stored. A text whose words were erased stays erased.
    """
    latest = {(each.source, each.key): _taken(each) for each in texts}
    with transaction.atomic():
        known = _known(texts)
        new = [_row(each, now) for pair, each in latest.items() if pair not in known]
        # Another worker may have stored the same text meanwhile: then it is there, once.
        Finding.objects.bulk_create(new, ignore_conflicts=True, batch_size=500)
        changed = [row for pair, row in known.items() if _is_changed(row, latest[pair])]
        reworded = [row.pk for row in changed if row.masked != latest[row.source, row.key].masked]
        # What people said of other words says nothing of these.
        Label.objects.filter(finding__in=reworded).delete()
        Correction.objects.filter(finding__in=reworded).delete()
        for row in changed:
            _fill(row, latest[row.source, row.key], now)
        Finding.objects.bulk_update(changed, [*_FILLED, "state", "taken_at"], batch_size=200)
    return len(new) + len(changed)


def drop_texts(*, source: str, keys: Sequence[str]) -> int:
    """Forget texts that their authors took back; how many there were."""
    found = Finding.objects.filter(source=source, key__in=list(keys)).exclude(state=TextState.ERASED)
    count = found.count()
    found.delete()
    return count


def _known(texts: Iterable[NewText]) -> dict[tuple[str, str], Finding]:
    """The rows of *texts* that are there, held until the end of the transaction."""
    by_source: dict[str, list[str]] = {}
    for each in texts:
        by_source.setdefault(each.source, []).append(each.key)
    return {
        (row.source, row.key): row
        for source, keys in sorted(by_source.items())
        for row in Finding.objects.select_for_update(no_key=True)
        .filter(source=source, key__in=keys)
        .order_by("pk")
    }


def _taken(text: NewText) -> _Taken:
    masked = masking.mask(reading.clean(text.text), text.language).text
    parts = f"{masked}\x00{'' if text.rating is None else round(text.rating, 4)}"
    return _Taken(text, masked, sha256(parts.encode("utf-8", "replace")).hexdigest()[:24])


def _is_changed(row: Finding, taken: _Taken) -> bool:
    return row.state != TextState.ERASED and row.digest != taken.digest


def _row(taken: _Taken, now: datetime) -> Finding:
    row = Finding(source=taken.text.source, key=taken.text.key)
    _fill(row, taken, now)
    return row


def _fill(row: Finding, taken: _Taken, now: datetime) -> None:
    text = taken.text
    row.masked, row.digest, row.at = taken.masked, taken.digest, text.at
    row.rating, row.given_language = text.rating, text.language
    row.customer_id, row.plan_id = text.customer_id, text.plan_id
    for name in _FRAME:
        setattr(row, name, reading.clean(getattr(text, name))[:_FRAME_MAX])
    row.state, row.taken_at = TextState.QUEUED, now
