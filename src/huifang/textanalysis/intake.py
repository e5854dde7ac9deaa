"""Takes texts in: masks them, stores them once, queues them for the worker. Nothing else of them is kept."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import transaction

from huifang.kernel import vault
from huifang.textanalysis import masking, reading
from huifang.textanalysis.models import Correction, Finding, Label, TextState
from huifang.textanalysis.records import NewText

_FRAME = ("channel", "version", "region", "event")
_FILLED = ("masked", "digest", "at", "rating", "given_language", "customer_id", "plan_id", *_FRAME)
_FRAME_MAX = 200


def take_texts(*, texts: Sequence[NewText], now: datetime) -> int:
    """Queue those of *texts* that are new or whose words or rating changed; how many.

    Only the masked text is stored. A text whose words were erased stays erased.
    """
    latest = {(each.source, each.key): each for each in texts}
    with transaction.atomic():
        known = _known(texts)
        new = [_row(each, now) for pair, each in latest.items() if pair not in known]
        # Another worker may have stored the same text meanwhile: then it is there, once.
        Finding.objects.bulk_create(new, ignore_conflicts=True, batch_size=500)
        changed = [row for pair, row in known.items() if _is_changed(row, latest[pair])]
        before = {row.pk: row.masked for row in changed}
        for row in changed:
            _fill(row, latest[row.source, row.key], now)
        Finding.objects.bulk_update(changed, [*_FILLED, "state", "taken_at", "tries"], batch_size=200)
        # What people said of other words says nothing of these.
        reworded = [row.pk for row in changed if row.masked != before[row.pk]]
        Label.objects.filter(finding__in=reworded).delete()
        Correction.objects.filter(finding__in=reworded).delete()
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


def _digest(text: NewText) -> str:
    """A keyed sum that changes when the text must be read again; nobody can guess words from it."""
    rating = "" if text.rating is None else round(text.rating, 4)
    return vault.blind_index(f"{reading.clean(text.text)}\x00{rating}", context="texts").hex()[:24]


def _is_changed(row: Finding, text: NewText) -> bool:
    return row.state != TextState.ERASED and row.digest != _digest(text)


def _row(text: NewText, now: datetime) -> Finding:
    row = Finding(source=text.source, key=text.key)
    _fill(row, text, now)
    return row


def _fill(row: Finding, text: NewText, now: datetime) -> None:
    row.masked = masking.mask(reading.clean(text.text), text.language).text
    row.digest, row.at = _digest(text), text.at
    row.rating, row.given_language = text.rating, text.language
    row.customer_id, row.plan_id = text.customer_id, text.plan_id
    for name in _FRAME:
        setattr(row, name, reading.clean(getattr(text, name))[:_FRAME_MAX])
    row.state, row.taken_at, row.tries = TextState.QUEUED, now, 0
