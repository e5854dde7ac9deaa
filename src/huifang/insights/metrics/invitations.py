"""Response rate, completion and time to answer, of those who were invited in the period."""

from dataclasses import dataclass

from huifang.insights.facts import duck
from huifang.insights.metrics import readings
from huifang.insights.metrics.cuts import Slice, group, group_of_part, parameters, part, where
from huifang.insights.metrics.readings import Reading, Unit
from huifang.stats.errors import EmptySampleError
from huifang.stats.medians import median_of_counts

TOPICS = ("invitations",)
RESPONSES = """
SELECT {group} AS grouping, SUM(invited) AS invited, SUM(answered) AS answered,
       SUM(completed) AS completed, SUM(low) AS low
FROM (
    SELECT {part} AS part, COUNT(*) AS invited, COUNT(started_at) AS answered,
           COUNT(completed_at) AS completed, COUNT(CASE WHEN is_low THEN 1 END) AS low
    FROM invitations
    WHERE {where}
    GROUP BY 1
) AS counted
GROUP BY 1
"""
WAITS = """
SELECT {group} AS grouping, DATE_DIFF('second', happened_at, started_at) AS seconds, COUNT(*) AS answers
FROM invitations
WHERE started_at IS NOT NULL AND {where}
GROUP BY 1, 2
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Invited:
    """What became of the invitations of one group."""

    group: str
    invited: int
    answered: int
    completed: int
    low: int


def tallies(only: Slice, *, by: str = "") -> list[Invited]:
    """Invitations of each group, by its name."""
    sql = RESPONSES.format(group=group_of_part(by), part=part(by), where=where(only))
    rows = duck.ask(
        sql, topics=TOPICS, days=duck.days_of(only.start, only.end), parameters=parameters(only, sql)
    )
    return [
        Invited(
            group=row[0], invited=int(row[1]), answered=int(row[2]), completed=int(row[3]), low=int(row[4])
        )
        for row in sorted(rows)
    ]


def response_rate(only: Slice, *, by: str = "") -> list[Reading]:
    """Share of those invited who gave at least one answer, up to now."""
    found = tallies(only, by=by)
    if not found and not by:
        return [readings.share("", 0, 0)]
    return [readings.share(each.group, each.answered, each.invited) for each in found]


def answer_time(only: Slice, *, by: str = "") -> list[Reading]:
    """Median seconds from the invitation to the first answer, of those who answered."""
    sql = WAITS.format(group=group(by), where=where(only))
    rows = duck.ask(
        sql, topics=TOPICS, days=duck.days_of(only.start, only.end), parameters=parameters(only, sql)
    )
    groups: dict[str, dict[float, int]] = {} if by else {"": {}}
    for name, seconds, count in rows:
        groups.setdefault(name, {})[max(0.0, float(seconds))] = count
    return [_median(name, counts) for name, counts in sorted(groups.items())]


def _median(name: str, counts: dict[float, int]) -> Reading:
    try:
        value = median_of_counts(counts)
    except EmptySampleError:
        value = None
    return Reading(group=name, unit=Unit.SECONDS, value=value)
