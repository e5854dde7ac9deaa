"""Topics in numbers: by size and change, over time, in two selections; competitors and wishes by size."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from django.db.models import Count, Q, QuerySet
from django.db.models.functions import TruncDay, TruncWeek

from huifang.stats import intervals
from huifang.textanalysis import keeping, selecting, stored
from huifang.textanalysis.models import Finding, TopicAlert
from huifang.textanalysis.records import (
    ComparedTopic,
    CompetitorLine,
    FindingFilter,
    Sentiment,
    Share,
    Stance,
    TopicLine,
    TrendPoint,
    WishLine,
)
from huifang.textanalysis.selecting import Said

_RIVALS_MAX, _WISHES_MAX, _LINES_MAX = 5_000, 600, 50


def share(count: int, total: int) -> Share:
    """*count* of *total* with its interval."""
    if not total:
        return Share(count=count, total=0, share=0.0, low=0.0, high=0.0)
    found = intervals.wilson(count, total)
    return Share(count=count, total=total, share=found.estimate, low=found.low, high=found.high)


def counts(found: FindingFilter) -> tuple[int, dict[str, int], dict[str, int]]:
    """All texts, texts by topic, and those of them that are negative."""
    bad = Count("pk", filter=Q(sentiment=Sentiment.NEGATIVE))
    rows = selecting.filtered(found).values_list("topics")
    total, sizes, negatives = 0, Counter[str](), Counter[str]()
    # Texts have few different sets of topics: to take these apart here is one scan instead of two.
    for codes, count, negative in rows.annotate(count=Count("pk"), bad=bad).order_by():
        total += count
        for code in codes:
            sizes[code] += count
            negatives[code] += negative
    return total, sizes, negatives


def topics(found: FindingFilter, now: datetime, *, only: str = "") -> list[TopicLine]:
    """Live topics by size, with what changed since the period of the same length before.

    *only*: the topic that verbatims are wanted of, else of all.
    """
    found = selecting.bounded(replace(found, topic=""), now)
    earlier = selecting.before(found)
    assert earlier is not None
    total, sizes, negatives = counts(found)
    total_before, sizes_before, _ = counts(earlier)
    rising = set(TopicAlert.objects.filter(closed_at=None).values_list("topic", flat=True))
    made, chosen = [], dict[str, list[Said]]()
    for topic in keeping.taxonomy().topics:
        count, before = sizes.get(topic.code, 0), sizes_before.get(topic.code, 0)
        size = share(count, total)
        change, low, high = _difference((count, total), (before, total_before))
        rows = selecting.filtered(replace(found, topic=topic.code))
        is_shown = only in ("", topic.code)
        chosen[topic.code] = _verbatims(rows, negatives.get(topic.code, 0), count if is_shown else 0)
        made.append(
            TopicLine(
                code=topic.code,
                name=topic.name,
                department=topic.department,
                count=count,
                before=before,
                share=size.share,
                low=size.low,
                high=size.high,
                change=change,
                change_low=low,
                change_high=high,
                negative_share=negatives.get(topic.code, 0) / count if count else 0.0,
                is_rising=topic.code in rising,
                verbatims=(),
            )
        )
    said = stored.by_ids([row.pk for many in chosen.values() for row in many])
    told = [
        replace(line, verbatims=tuple(said[row.pk] for row in chosen[line.code] if row.pk in said))
        for line in made
    ]
    return sorted(told, key=lambda line: (-line.count, line.code))


def _verbatims(rows: QuerySet[Finding], negative: int, count: int) -> list[Said]:
    """Three that show a topic best; where some are negative one or two of those, as most are or not."""
    if not count:
        return []
    listed = selecting.newest(rows)
    most = 2 if 2 * negative >= count else 1
    bad = [row for row in listed if row.sentiment == Sentiment.NEGATIVE]
    shown = selecting.best_of(bad, "topic_confidence", most)
    others = selecting.best_of([row for row in listed if row not in shown], "topic_confidence", 5)
    return selecting.different([*shown, *others], 3)


def _difference(
    first: tuple[int, int], second: tuple[int, int]
) -> tuple[float | None, float | None, float | None]:
    """First less second in percentage points, with Newcombe's interval."""
    if not first[1] or not second[1]:
        return None, None, None
    found = intervals.uplift(first, second)
    return 100 * found.estimate, 100 * found.low, 100 * found.high


def trend(found: FindingFilter, *, topic: str, by: str, now: datetime) -> list[TrendPoint]:
    """A share of all texts for each day or week (UTC) of the period, empty ones too; "" is negative texts."""
    found = selecting.bounded(replace(found, topic=""), now)
    assert found.start is not None
    assert found.end is not None
    cut = (TruncWeek if by == "week" else TruncDay)("at", tzinfo=UTC)
    about = Q(topics__contains=[topic]) if topic else Q(sentiment=Sentiment.NEGATIVE)
    rows = selecting.filtered(found).annotate(cut=cut).values_list("cut")
    grouped = rows.annotate(total=Count("pk"), about=Count("pk", filter=about)).order_by()
    known = {at.date(): (count, total) for at, total, count in grouped}
    day = found.start.astimezone(UTC).date()
    if by == "week":
        day -= timedelta(days=day.weekday())
    points: list[TrendPoint] = []
    while day < found.end.astimezone(UTC).date() or (
        day == found.end.astimezone(UTC).date() and (day in known or not points)
    ):
        one = share(*known.get(day, (0, 0)))
        points.append(
            TrendPoint(day=day, count=one.count, total=one.total, share=one.share, low=one.low, high=one.high)
        )
        day += timedelta(days=7 if by == "week" else 1)
    return points


def compare(first: FindingFilter, second: FindingFilter) -> list[ComparedTopic]:
    """Each live topic in two selections, the largest difference first."""
    total_one, one, _ = counts(replace(first, topic=""))
    total_other, other, _ = counts(replace(second, topic=""))
    made = []
    for topic in keeping.taxonomy().topics:
        pair = (one.get(topic.code, 0), total_one), (other.get(topic.code, 0), total_other)
        difference, low, high = _difference(*pair)
        made.append(
            ComparedTopic(
                code=topic.code,
                name=topic.name,
                first=share(*pair[0]),
                second=share(*pair[1]),
                difference=difference,
                difference_low=low,
                difference_high=high,
            )
        )
    return sorted(made, key=lambda line: (-abs(line.difference or 0.0), line.code))


def competitors(found: FindingFilter) -> list[CompetitorLine]:
    """Competitors by how often they are named, in the newest texts that name one."""
    rows = list(
        selecting.filtered(found)
        .exclude(competitors=[])
        .order_by("-at", "-pk")
        .only("competitors", "customer_id", "masked", "at", "sentiment_confidence")[:_RIVALS_MAX]
    )
    named: dict[str, list[Finding]] = {}
    stances: dict[str, Counter[str]] = {}
    for row in rows:
        for each in row.competitors:
            name = each["name"]
            if row not in named.setdefault(name, [])[-1:]:
                named[name].append(row)
            stances.setdefault(name, Counter())[each["stance"]] += 1
    made = [
        CompetitorLine(
            name=name,
            count=len(many),
            better=stances[name][Stance.BETTER],
            worse=stances[name][Stance.WORSE],
            mentioned=stances[name][Stance.MENTIONED],
            customers=_customers(many),
            verbatims=selecting.best(
                Finding.objects.filter(pk__in=[row.pk for row in many[:200]]), by="sentiment_confidence"
            ),
        )
        for name, many in named.items()
    ]
    return sorted(made, key=lambda line: (-line.count, line.name))[:_LINES_MAX]


def _customers(rows: Iterable[Finding]) -> int:
    return len({row.customer_id for row in rows if row.customer_id is not None})


def wishes(
    found: FindingFilter, grouped: Callable[[Sequence[str]], Sequence[Sequence[int]]]
) -> list[WishLine]:
    """The newest wishes, those that say alike as one (*grouped* gives their places), the largest first."""
    rows = list(selecting.filtered(found).exclude(wish="").order_by("-at", "-pk")[:_WISHES_MAX])
    made = []
    for places in grouped([row.wish for row in rows]):
        many = [rows[at] for at in places]
        made.append((many, many[0].wish))
    made = sorted(made, key=lambda pair: -len(pair[0]))[:_LINES_MAX]
    said = {each.id: each for each in stored.records([row for many, _ in made for row in many[:3]])}
    return [
        WishLine(
            words=words,
            size=len(many),
            customers=_customers(many),
            verbatims=tuple(said[row.pk] for row in many[:3]),
        )
        for many, words in made
    ]


def values(found: FindingFilter, field: str, *, limit: int = 30) -> list[tuple[str, int]]:
    """The most frequent values of *field* (channel, version, region, event, source) and their counts."""
    rows = selecting.filtered(found).exclude(**{field: ""})
    grouped = rows.values_list(field).annotate(count=Count("pk")).order_by("-count", field)
    return list(grouped[:limit])


def same_wishes(words: Sequence[str]) -> list[list[int]]:
    """Places of wishes whose words are the same but for case and spaces; without any library."""
    places: dict[str, list[int]] = {}
    for at, each in enumerate(words):
        places.setdefault("".join(each.lower().split()), []).append(at)
    return list(places.values())
