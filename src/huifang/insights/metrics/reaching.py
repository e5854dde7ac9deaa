"""From eligible to finished, reach, contact pressure, and at which hour contacts are answered."""

from dataclasses import dataclass
from datetime import timedelta

from huifang.insights.facts import duck
from huifang.insights.metrics import readings
from huifang.insights.metrics.cuts import COLUMNS, CUTS, Slice, group, parameters, where
from huifang.insights.metrics.readings import Reading
from huifang.stats.intervals import Interval

_LATER = timedelta(days=60)  # a follow-up begun in the period may still be contacted and answered so long
PRESSURE_DAYS = 30
OVER = 2
STEPS = ("eligible", "contacted", "reached", "followed", "started", "completed")
# What the customer may have got: "unknown" counts as a contact (it may have gone), not as a reach.
_CONTACTED = "state IN ('accepted', 'delivered', 'unknown')"
_REACHED = "state IN ('accepted', 'delivered')"

FUNNEL = f"""
, rounds AS (
    SELECT enrolment_id, MAX(CASE WHEN {_CONTACTED} THEN 1 ELSE 0 END) AS contacted,
           MAX(CASE WHEN {_REACHED} THEN 1 ELSE 0 END) AS reached,
           MAX(CASE WHEN is_followed OR is_seen THEN 1 ELSE 0 END) AS followed
    FROM attempts
    WHERE enrolment_id IS NOT NULL AND {{channel}}
    GROUP BY enrolment_id
), asked AS (
    SELECT enrolment_id, questionnaire_id, started_at, completed_at FROM invitations
    WHERE enrolment_id IS NOT NULL
), stories AS (
    SELECT {{group}} AS grouping, COALESCE(r.contacted, 0) AS contacted,
           CASE WHEN r.reached = 1 OR (r.contacted = 1 AND q.started_at IS NOT NULL) THEN 1 ELSE 0 END
               AS reached,
           CASE WHEN r.contacted = 1 AND (r.followed = 1 OR q.started_at IS NOT NULL) THEN 1 ELSE 0 END
               AS followed,
           CASE WHEN r.contacted = 1 AND q.started_at IS NOT NULL THEN 1 ELSE 0 END AS started,
           CASE WHEN r.contacted = 1 AND q.completed_at IS NOT NULL THEN 1 ELSE 0 END AS completed
    FROM enrolments AS e
    LEFT JOIN rounds AS r ON r.enrolment_id = e.id
    LEFT JOIN asked AS q ON q.enrolment_id = e.id
    WHERE e.state <> 'held_out' AND {{where}}
)
SELECT grouping, COUNT(*) AS eligible, SUM(contacted) AS contacted, SUM(reached) AS reached,
       SUM(CASE WHEN reached = 1 THEN followed ELSE 0 END) AS followed,
       SUM(CASE WHEN reached = 1 THEN started ELSE 0 END) AS started,
       SUM(CASE WHEN reached = 1 THEN completed ELSE 0 END) AS completed
FROM stories
GROUP BY grouping
"""  # noqa: S608 - made of our own words
PRESSURE = f"""
, loads AS (
    SELECT customer, {{group}} AS class, COUNT(*) AS contacts
    FROM attempts
    WHERE customer IS NOT NULL AND {_CONTACTED} AND {{where}}
    GROUP BY 1, 2
)
SELECT class, contacts, COUNT(*) AS customers FROM loads GROUP BY 1, 2
"""  # noqa: S608 - made of our own words
HOURS = f"""
, firsts AS (
    SELECT enrolment_id, MIN_BY(local_weekday, handed_over_at) AS weekday,
           MIN_BY(local_hour, handed_over_at) AS hour
    FROM attempts
    WHERE enrolment_id IS NOT NULL AND local_hour IS NOT NULL AND {_CONTACTED} AND {{where}}
    GROUP BY enrolment_id
)
SELECT weekday, hour, COUNT(*) AS contacted, COUNT(started_at) AS answered
FROM firsts AS f JOIN invitations AS i ON i.enrolment_id = f.enrolment_id
WHERE {{asked}}
GROUP BY 1, 2
"""  # noqa: S608 - made of our own words
_OF_ENROLMENTS = tuple(cut for cut in CUTS if cut not in {"channel", "questionnaire"})
_OF_ATTEMPTS = ("plan", "channel", "wallet", "region", "language")


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step of the funnel; *share* of the step before, None for the first or where nobody was there."""

    name: str
    count: int
    share: Interval | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """So many *customers* of one *contact_class* ("" for all) had *contacts* in the last days."""

    contact_class: str
    contacts: int
    customers: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Pressure:
    """Contacts of each contacted customer in the thirty days up to the end of the slice."""

    loads: list[Load]
    over: int

    def customers(self, contact_class: str = "") -> int:
        """Customers who were contacted at all."""
        return sum(each.customers for each in self.loads if each.contact_class == contact_class)

    def share_over(self, contact_class: str = "") -> Reading:
        """Share of those contacted who had more than *over* contacts."""
        above = [
            each.customers
            for each in self.loads
            if each.contact_class == contact_class and each.contacts > self.over
        ]
        return readings.share(contact_class, sum(above), self.customers(contact_class))

    @property
    def classes(self) -> list[str]:
        """The classes that there were contacts of."""
        return sorted({each.contact_class for each in self.loads} - {""})


@dataclass(frozen=True, slots=True, kw_only=True)
class Hour:
    """Response rate of contacts that came at one hour of one weekday (1 Monday) of the customer's own."""

    weekday: int
    hour: int
    reading: Reading


def stories(only: Slice, *, by: str = "") -> dict[str, dict[str, int]]:
    """How many follow-ups of each group came to each of `STEPS`.

    Of those begun in the slice, holdouts left out. With a channel, contacts on that channel count only.
    """
    channel = "channel = $channel" if only.channel else "TRUE"
    grouping = group(by, table="e") if by not in {"channel", "questionnaire"} else _of_other(by)
    narrow = where(only, cuts=_OF_ENROLMENTS, table="e")
    if only.questionnaire:
        narrow += " AND q.questionnaire_id = $questionnaire"
    sql = FUNNEL.format(channel=channel, group=grouping, where=narrow)
    rows = duck.ask(
        sql,
        topics=("enrolments", "attempts", "invitations"),
        days=duck.days_of(only.start, only.end + _LATER),
        parameters=parameters(only, sql),
    )
    return {row[0]: dict(zip(STEPS, map(int, row[1:]), strict=True)) for row in rows}


def _of_other(by: str) -> str:
    if by == "questionnaire":
        return "COALESCE(CAST(q.questionnaire_id AS VARCHAR), '')"
    return "COALESCE((SELECT MIN(a.channel) FROM attempts AS a WHERE a.enrolment_id = e.id), '')"


def funnel(only: Slice) -> list[Step]:
    """Each step with its share of the one before."""
    counts = stories(only).get("", dict.fromkeys(STEPS, 0))
    steps: list[Step] = []
    for name in STEPS:
        before = steps[-1].count if steps else 0
        steps.append(
            Step(name=name, count=counts[name], share=readings.share("", counts[name], before).value)
        )
    return steps


def reach(only: Slice, *, by: str = "") -> list[Reading]:
    """Share of the contacted follow-ups that came through: a provider took them and none came back."""
    found = stories(only, by=by)
    if not found and not by:
        return [readings.share("", 0, 0)]
    return [
        readings.share(name, counts["reached"], counts["contacted"]) for name, counts in sorted(found.items())
    ]


def pressure(only: Slice, *, over: int = OVER) -> Pressure:
    """Contacts of each customer in the thirty days up to the end of *only*, by class and all together."""
    last = Slice(
        start=only.end - timedelta(days=PRESSURE_DAYS),
        end=only.end,
        zone=only.zone,
        **{name: value for name, value in only.chosen.items() if name in _OF_ATTEMPTS},
    )
    loads: list[Load] = []
    for grouping in ("''", "contact_class"):
        sql = PRESSURE.format(group=grouping, where=where(last, at="handed_over_at", cuts=_OF_ATTEMPTS))
        rows = duck.ask(
            sql,
            topics=("attempts",),
            days=duck.days_of(last.start - _LATER, last.end),
            parameters=parameters(last, sql),
        )
        loads += [Load(contact_class=row[0], contacts=row[1], customers=row[2]) for row in sorted(rows)]
    return Pressure(loads=loads, over=over)


def hours(only: Slice) -> list[Hour]:
    """Response rate by weekday and hour of the first contact, by the customer's own clock."""
    others = [name for name in only.chosen if name not in _OF_ATTEMPTS]
    asked = " AND ".join([f"i.{COLUMNS[name]} = ${name}" for name in others]) or "TRUE"
    sql = HOURS.format(where=where(only, cuts=_OF_ATTEMPTS), asked=asked)
    rows = duck.ask(
        sql,
        topics=("attempts", "invitations"),
        days=duck.days_of(only.start - _LATER, only.end),
        parameters=parameters(only, sql),
    )
    return [
        Hour(weekday=row[0], hour=row[1], reading=readings.share("", row[3], row[2])) for row in sorted(rows)
    ]
