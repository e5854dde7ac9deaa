"""Findings that a filter leaves, as a query of the database, and pages of them."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from django.db.models import Q, QuerySet

from huifang.textanalysis import stored
from huifang.textanalysis.models import Finding, TextState
from huifang.textanalysis.records import FindingFilter, FindingPage, FindingRecord, Sentiment

_EXACT = ("sentiment", "intent", "language", "channel", "version", "region", "event", "source", "plan_id")
# In bytes, which say as much in Chinese as in English.
_VERBATIM_SHORT, _VERBATIM_LONG = 24, 420
_NEWEST, _LOOKED_AT = 300, 60


def filtered(found: FindingFilter) -> QuerySet[Finding]:
    """The rows that have a finding and that *found* leaves; no order."""
    rows = Finding.objects.exclude(state=TextState.QUEUED, found_at=None)
    exact = {name: getattr(found, name) for name in _EXACT}
    rows = rows.filter(**{name: value for name, value in exact.items() if value not in ("", None)})
    if found.start:
        rows = rows.filter(at__gte=found.start)
    if found.end:
        rows = rows.filter(at__lt=found.end)
    if found.topic:
        rows = rows.filter(topics__contains=[found.topic])
    if found.competitor:
        rows = rows.filter(competitors__contains=[{"name": found.competitor}])
    if found.urgency_min:
        rows = rows.filter(urgency__gte=found.urgency_min)
    if found.has_wish:
        rows = rows.exclude(wish="")
    if found.words:
        rows = rows.filter(masked__icontains=found.words)
    if found.is_unsure:
        rows = rows.filter(Q(sentiment=Sentiment.UNSURE) | Q(topics=[]))
    return rows


def before(found: FindingFilter) -> FindingFilter | None:
    """The same for the period of the same length before; None where it has no start."""
    if found.start is None or found.end is None:
        return None
    return replace(found, start=found.start - (found.end - found.start), end=found.start)


def bounded(found: FindingFilter, now: datetime) -> FindingFilter:
    """The same with an end, and with a start 28 days before it where it has none."""
    end = found.end or now
    return replace(found, start=found.start or end - timedelta(days=28), end=end)


def page(found: FindingFilter, *, after: str, limit: int) -> FindingPage:
    """One page, newest first."""
    rows = filtered(found).exclude(state=TextState.ERASED).order_by("-at", "-pk")
    if after:
        at, pk = _place(after)
        rows = rows.filter(Q(at__lt=at) | Q(at=at, pk__lt=pk))
    listed = list(rows[: limit + 1])
    last = listed[limit - 1] if len(listed) > limit else None
    return FindingPage(
        findings=tuple(stored.records(listed[:limit])),
        after=f"{last.at.timestamp():.6f}_{last.pk}" if last else "",
    )


def _place(after: str) -> tuple[datetime, int]:
    seconds, _, pk = after.partition("_")
    try:
        return datetime.fromtimestamp(float(seconds), tz=UTC), int(pk)
    except (ValueError, OverflowError, OSError):
        return datetime.max.replace(tzinfo=UTC), 0


class Said(NamedTuple):
    """As much of a finding as it takes to choose among hundreds."""

    pk: int
    at: datetime
    masked: str
    sentiment: str
    topic_confidence: float
    sentiment_confidence: float


def best(rows: QuerySet[Finding], *, by: str, most: int = 3) -> tuple[FindingRecord, ...]:
    """Those of *rows* that show it best: sure ones of medium length that do not say the same."""
    chosen = [each.pk for each in best_of(newest(rows), by, most)]
    said = stored.by_ids(chosen)
    return tuple(said[pk] for pk in chosen if pk in said)


def best_of(rows: Sequence[Said], by: str, most: int) -> list[Said]:
    """The same of rows that are there already."""
    listed = sorted(rows, key=lambda row: (-getattr(row, by), -row.at.timestamp()))[:_LOOKED_AT]
    medium = [row for row in listed if _VERBATIM_SHORT <= len(row.masked.encode()) <= _VERBATIM_LONG]
    return different([*medium, *listed], most)


def newest(rows: QuerySet[Finding]) -> list[Said]:
    """The newest of *rows* that still have words: among them is chosen what is shown."""
    found = rows.exclude(masked="").order_by("-at").values_list(*Said._fields)
    return [Said(*each) for each in found[:_NEWEST]]


def different(rows: Sequence[Said], most: int) -> list[Said]:
    """The first *most* of *rows* that share less than half of their pairs of characters with one before."""
    chosen: list[tuple[Said, set[str]]] = []
    for row in rows:
        pairs = {row.masked[at : at + 2].lower() for at in range(max(len(row.masked) - 1, 1))}
        if all(len(pairs & other) < 0.5 * min(len(pairs), len(other)) for _, other in chosen):
            chosen.append((row, pairs))
        if len(chosen) == most:
            break
    return [row for row, _ in chosen]
