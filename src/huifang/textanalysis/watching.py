"""Watches topics rise: in all texts, and in those of one event, version, region or channel.

A day is the 24 hours before the moment of looking, and it is looked at every hour. The stated rate of false
alarms, `rising.ALARM_RATE` of days, is shared out among the looks of a day and everything that is looked at.
Texts of the past, as from an import, are looked at day by day once they are read.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection, transaction

from huifang.kernel import audit, outbox
from huifang.textanalysis import chores, keeping, selecting, stored
from huifang.textanalysis.errors import UnknownAlertError
from huifang.textanalysis.models import Finding, TextState, TopicAlert
from huifang.textanalysis.records import Alert, FindingFilter, TopicRising

EVERY = timedelta(hours=1)
ALL = "all"
CUTS = ("version", "event", "region", "channel")
_DAY = timedelta(days=1)
_PAST_DAYS, _LOOKS_A_DAY, _BACK_DAYS, _QUIET = 28, 24, 400, timedelta(days=3)
# A value with so many texts of its own is compared with its own past, a newer one with everybody's.
_OWN_PAST_MIN, _VALUE_MIN, _VALUES_MAX = 200, 5, 10
# A value explains a rise where most of it is, twice as often as elsewhere, and not by chance.
_EXPLAINS, _OFTENER, _EXPLAINED_BY_CHANCE = 0.7, 2.0, 0.01
_LISTED, _SHOWN = 100, 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Risen:
    """A topic that rises: by what cut, how many, how many are usual, how unlikely that is."""

    topic: str
    by: str
    value: str
    count: int
    expected: float
    chance: float
    of: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Look:
    """What is looked for: these topics on this day, counted backwards, with a chance below *rate*.

    *risen*: for topics that rise already, for how many days; those days are no measure of what is usual.
    """

    codes: tuple[str, ...]
    day: int
    rate: float
    risen: Mapping[str, int]

    def since(self) -> dict[int, list[str]]:
        """The topics by how many days before are left out."""
        found: dict[int, list[str]] = defaultdict(list)
        for code in self.codes:
            found[self.risen.get(code, 0)].append(code)
        return found


@dataclass(slots=True)
class _Series:
    """Texts by day (0 is the last), all of them and by topic."""

    totals: dict[int, int]
    topics: dict[str, dict[int, int]]


def check(*, now: datetime) -> int:
    """Look at the last day, open and close alerts; then at past days whose texts came since. Rises found."""
    last = chores.state(chores.RISES).done_at
    series = _load(now, days=_PAST_DAYS + 1)
    found = _rises(series, 0, _risen(now))
    with transaction.atomic():
        _keep(found, now)
    return len(found) + _look_back(since=last, now=now)


def _load(end: datetime, *, days: int) -> dict[tuple[str, str], _Series]:
    """The texts of *days* days before *end*, in all and by every value of every cut."""
    loaded: dict[tuple[str, str], _Series] = {}
    for cut in (ALL, *CUTS):
        for value, day, count in _counted(cut, "", end, days):
            loaded.setdefault((cut, value), _Series({}, {})).totals[day] = count
        for value, day, code, count in _counted(cut, ", unnest(topics)", end, days):
            loaded[cut, value].topics.setdefault(code, {})[day] = count
    return loaded


def _counted(cut: str, more: str, end: datetime, days: int) -> list[tuple[Any, ...]]:
    value, where = ("''", "") if cut == ALL else (cut, f" AND {cut} <> ''")
    groups = f"{value}, floor(extract(epoch FROM (%s - at)) / 86400)::int{more}"
    # Nothing in it comes from outside: the cut is one of `CUTS`.
    sql = (
        f"SELECT {groups}, count(*) FROM {Finding._meta.db_table}"  # noqa: S608
        f" WHERE at > %s AND at <= %s AND found_at IS NOT NULL{where} GROUP BY 1, 2{', 3' if more else ''}"
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, [end, end - days * _DAY, end])
        return list(cursor.fetchall())


def _risen(end: datetime) -> dict[str, int]:
    """For each topic that rose up to about *end*, for how many days before it has done so."""
    rows = TopicAlert.objects.filter(since__lt=end, at__gte=end - 2 * _DAY, dismissed_by="")
    return {row.topic: (end - row.since) // _DAY + 2 for row in rows}


def _rises(series: Mapping[tuple[str, str], _Series], day: int, risen: Mapping[str, int]) -> list[Risen]:
    """One rise at most for each live topic on *day* (counted backwards), by the cut that tells most."""
    from huifang.textanalysis import rising

    whole = series.get((ALL, ""))
    if whole is None or not whole.totals.get(day):
        return []
    codes = tuple(each.code for each in keeping.taxonomy().topics)
    slices = _slices(series, day)
    rate = rising.ALARM_RATE / _LOOKS_A_DAY / (2 if slices else 1)
    look = _Look(codes=codes, day=day, rate=rate, risen=risen)
    found = _judged(whole, whole, (ALL, ""), look)
    # What rises everywhere has its alarm: where it does so is only asked to explain it.
    known = tuple(each.topic for each in found)
    for place in slices:
        found += _judged(series[place], whole, place, replace(look, rate=rate / len(slices)))
        found += _judged(series[place], whole, place, replace(look, codes=known, rate=float("inf")))
    by_topic: dict[str, list[Risen]] = defaultdict(list)
    for each in found:
        by_topic[each.topic].append(each)
    return [_telling(many, whole.totals[day]) for many in by_topic.values()]


def _slices(series: Mapping[tuple[str, str], _Series], day: int) -> list[tuple[str, str]]:
    """The values of each cut that have texts enough on *day*; none of a cut with one value only."""
    chosen = []
    for cut in CUTS:
        sizes = {place: each.totals.get(day, 0) for place, each in series.items() if place[0] == cut}
        large = sorted((-size, place) for place, size in sizes.items() if size >= _VALUE_MIN)
        if len(sizes) > 1:
            chosen += [place for _, place in large[:_VALUES_MAX]]
    return chosen


def _judged(own: _Series, whole: _Series, place: tuple[str, str], look: _Look) -> list[Risen]:
    """The topics of one value that are more than chance."""
    from huifang.textanalysis import rising

    found = []
    for days, codes in look.since().items():
        past = range(look.day + _PAST_DAYS, look.day + days, -1)
        begun = [
            at
            for at in past
            if any(whole.totals.get(before) for before in range(at, look.day + _PAST_DAYS + 1))
        ]
        has_past = sum(own.totals.get(at, 0) for at in begun) >= _OWN_PAST_MIN
        base = own if has_past else whole
        totals = [*(base.totals.get(at, 0) for at in begun), own.totals.get(look.day, 0)]
        counts = {code: _counts(base, own, code, begun, look.day) for code in codes}
        rate = look.rate * len(codes) / len(look.codes)
        found += [
            Risen(
                topic=each.topic,
                by=place[0],
                value=place[1],
                count=each.count,
                expected=each.expected,
                chance=each.chance,
                of=totals[-1],
            )
            for each in rising.rising(counts, totals, alarm_rate=rate)
        ]
    return found


def _counts(base: _Series, own: _Series, code: str, past: Sequence[int], day: int) -> list[int]:
    before = base.topics.get(code, {})
    return [*(before.get(at, 0) for at in past), own.topics.get(code, {}).get(day, 0)]


def _telling(many: list[Risen], total: int) -> Risen:
    """Of the rises of one topic the one that says most: a version that explains it, before "everywhere"."""
    everywhere = next((each for each in many if each.by == ALL), None)
    parts = [each for each in many if each.by != ALL]
    if everywhere is None:
        return min(parts, key=lambda each: (each.chance, each.by, each.value))
    explaining = [each for each in parts if _explains(each, everywhere, total)]
    return min(
        explaining,
        key=lambda each: (round(each.of / each.count, 1), CUTS.index(each.by), each.value),
        default=everywhere,
    )


def _explains(part: Risen, everywhere: Risen, total: int) -> bool:
    from huifang.textanalysis import rising

    others = total - part.of
    if part.count < _EXPLAINS * everywhere.count or not others:
        return False
    elsewhere = max(everywhere.count - part.count, 0) / others
    if part.count / part.of < _OFTENER * elsewhere:
        return False
    drawn = rising.drawn(part.count, of=part.of, whole=everywhere.count, total=total)
    return drawn <= _EXPLAINED_BY_CHANCE


def _keep(found: list[Risen], now: datetime) -> None:
    """Open alerts for what rises, renew those that are open, close those that have been quiet for a day."""
    held = {row.topic: row for row in TopicAlert.objects.select_for_update().filter(closed_at=None)}
    silenced = set(
        TopicAlert.objects.exclude(dismissed_by="")
        .filter(closed_at__gt=now - _QUIET)
        .values_list("topic", flat=True)
    )
    for each in found:
        row = held.pop(each.topic, None)
        if row is None and each.topic in silenced:
            continue
        is_new = row is None
        row = row or TopicAlert(topic=each.topic, since=now)
        _fill(row, each, now)
        row.save()
        if is_new:
            outbox.record(TopicRising(topic=each.topic, since=row.since, at=now))
    for row in held.values():
        if not now - _DAY < row.at <= now:
            row.closed_at = now
            row.save(update_fields=["closed_at"])


def _fill(row: TopicAlert, risen: Risen, end: datetime) -> None:
    row.by, row.value, row.at = risen.by, risen.value, end
    row.count, row.expected, row.chance = risen.count, risen.expected, risen.chance
    cut: dict[str, Any] = {} if risen.by == ALL else {risen.by: risen.value}
    shown = FindingFilter(start=end - _DAY, end=end + timedelta(microseconds=1), topic=risen.topic, **cut)
    rows = selecting.filtered(shown)
    bad = selecting.best(rows.filter(sentiment="negative"), by="topic_confidence")
    others = selecting.best(rows.exclude(pk__in=[each.id for each in bad]), by="topic_confidence")
    row.evidence = [each.id for each in (*bad, *others)[:_SHOWN]]


def _look_back(*, since: datetime | None, now: datetime) -> int:
    """Alerts of past days whose texts were read after *since*; they are closed already."""
    read = Finding.objects.filter(state=TextState.DONE, at__lt=now - 2 * _DAY)
    if since is not None:
        read = read.filter(found_at__gt=since)
    days = {at.astimezone(UTC).date() for at in read.values_list("at", flat=True).iterator(chunk_size=5_000)}
    listed = sorted(days, reverse=True)[:_BACK_DAYS]
    if not listed:
        return 0
    end = datetime(listed[0].year, listed[0].month, listed[0].day, tzinfo=UTC) + _DAY
    span = (listed[0] - listed[-1]).days + 1 + _PAST_DAYS
    series = _load(end, days=min(span, _BACK_DAYS + _PAST_DAYS))
    count = 0
    with transaction.atomic():
        for day in reversed(listed):
            back = (listed[0] - day).days
            moment = end - back * _DAY
            for each in _rises(series, back, _risen(moment)) if back < _BACK_DAYS else ():
                count += _keep_past(each, moment)
    return count


def _keep_past(risen: Risen, end: datetime) -> bool:
    """Keep a rise of the past: a rise that goes on is one alert. Whether it is new."""
    known = TopicAlert.objects.filter(topic=risen.topic)
    closed = known.filter(closed_at__isnull=False, dismissed_by="")
    going_on = closed.filter(at__gte=end - 2 * _DAY, at__lt=end).first()
    if known.filter(since__lte=end, at__gte=end).exists():
        return False
    row = going_on or TopicAlert(topic=risen.topic, since=end - _DAY)
    if going_on is None or risen.count > row.count:
        _fill(row, risen, end)
    row.at, row.closed_at = end, end + _DAY
    row.save()
    return going_on is None


def alerts(*, open_only: bool) -> list[Alert]:
    """Alerts, the newest first."""
    rows = TopicAlert.objects.order_by("-at", "-pk")
    if open_only:
        rows = rows.filter(closed_at=None)
    listed = list(rows[:_LISTED])
    shown = stored.by_ids([each for row in listed for each in row.evidence])
    names = keeping.names()
    return [
        Alert(
            id=row.pk,
            topic=row.topic,
            name=names.get(row.topic, {}),
            since=row.since,
            at=row.at,
            count=row.count,
            expected=row.expected,
            chance=row.chance,
            by=row.by,
            value=row.value,
            verbatims=tuple(shown[each] for each in row.evidence if each in shown),
            closed_at=row.closed_at,
        )
        for row in listed
    ]


def dismiss(*, alert_id: int, by: str, now: datetime) -> None:
    """Close an alert; the topic raises none for three days. Raises `UnknownAlertError`."""
    with transaction.atomic():
        row = TopicAlert.objects.select_for_update().filter(pk=alert_id, closed_at=None).first()
        if row is None:
            raise UnknownAlertError
        row.closed_at, row.dismissed_by = now, by
        row.save(update_fields=["closed_at", "dismissed_by"])
        audit.record(
            actor=by, action="alert.dismissed", subject=f"alert:{row.pk}", at=now, facts={"topic": row.topic}
        )
