"""Tables of Feedback as files, each row with the filters it was made by. Exports are audited."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict

from django.core.exceptions import PermissionDenied
from django.http.response import HttpResponseBase

from huifang.console import lists, sheets
from huifang.console.screens import Request
from huifang.kernel import audit, clock
from huifang.kernel.texts import pick
from huifang.textanalysis import queries
from huifang.textanalysis.records import (
    ComparedTopic,
    CompetitorLine,
    FindingFilter,
    TopicLine,
    TrendPoint,
    WishLine,
)
from huifang.textanalysis.views import frame
from huifang.textanalysis.views.frame import Frame

EXPORT = "feedback.export"
_PAGE = 500
_Row = Sequence[object]
Table = tuple[Sequence[str], Iterable[_Row]]


def reply(request: Request, name: str, table: Table, shown: Frame, *, kind: str) -> HttpResponseBase:
    """*table* as a CSV file, or as a workbook where *kind* is "xlsx". Refused without the permission."""
    if EXPORT not in request.permissions:
        raise PermissionDenied(EXPORT)
    audit.record(
        actor=request.person.actor,
        action="findings.exported",
        subject=f"feedback:{name}",
        facts={"query": request.GET.urlencode()[:500]},
        at=clock.now(),
    )
    columns, rows = table
    made_by = {
        field: value for field, value in asdict(shown.found).items() if value not in ("", None, 0, False)
    }
    heads = [*columns, *made_by]
    wide = ([*row, *made_by.values()] for row in rows)
    if kind == "xlsx":
        return sheets.reply(name=f"feedback-{name}", columns=heads, rows=wide)
    return lists.csv_reply(name=f"feedback-{name}", columns=heads, rows=wide)


def topics(lines: Sequence[TopicLine]) -> Table:
    """Topics with base, interval and change."""
    columns = ("topic", "name", "department", "texts", "texts_before", "share", "low", "high")
    more = ("change_points", "change_low", "change_high", "negative_share", "is_rising")
    return (*columns, *more), [
        [
            *(line.code, pick(line.name, frame.language()), line.department, line.count, line.before),
            *(line.share, line.low, line.high, line.change, line.change_low, line.change_high),
            *(line.negative_share, "yes" if line.is_rising else ""),
        ]
        for line in lines
    ]


def trend(points: Sequence[TrendPoint]) -> Table:
    """A topic over time."""
    columns = ("since", "texts", "base", "share", "low", "high")
    return columns, [[each.day, each.count, each.total, each.share, each.low, each.high] for each in points]


def compared(lines: Sequence[ComparedTopic]) -> Table:
    """Two selections and the differences."""
    columns = ("topic", "name", "first", "first_base", "second", "second_base")
    return (*columns, "difference_points", "low", "high"), [
        [
            *(line.code, pick(line.name, frame.language())),
            *(line.first.count, line.first.total, line.second.count, line.second.total),
            *(line.difference, line.difference_low, line.difference_high),
        ]
        for line in lines
    ]


def texts(found: FindingFilter) -> Table:
    """Findings with their masked texts, one a row."""
    columns = ("at", "source", "key", "text", "language", "sentiment", "topics", "intent", "urgency")
    return (*columns, "cues", "wish", "channel", "app_version", "region", "event", "corrected"), _texts(found)


def _texts(found: FindingFilter) -> Iterator[_Row]:
    after, count = "", 0
    while count < lists.EXPORT_ROWS_MAX:
        page = queries.search(found=found, after=after, limit=_PAGE)
        for each in page.findings:
            yield [
                *(each.at, each.source, each.key, each.masked, each.language, each.sentiment),
                " ".join(topic.code for topic in each.topics),
                *(each.intent, each.urgency, " ".join(cue.kind for cue in each.cues), each.wish),
                *(each.channel, each.version, each.region, each.event, " ".join(sorted(each.corrected))),
            ]
        count += len(page.findings)
        after = page.after
        if not after:
            return


def wishes(lines: Sequence[WishLine]) -> Table:
    """Wishes by size."""
    return ("wish", "texts", "customers"), [[each.words, each.size, each.customers] for each in lines]


def competitors(lines: Sequence[CompetitorLine]) -> Table:
    """Competitors by how often they are named."""
    columns = ("name", "texts", "better", "worse", "mentioned", "customers")
    return columns, [
        [each.name, each.count, each.better, each.worse, each.mentioned, each.customers] for each in lines
    ]
