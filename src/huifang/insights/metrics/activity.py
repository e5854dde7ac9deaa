"""Feature usage rate: of the customers who did anything in the period, how many did this."""

from dataclasses import dataclass

from huifang.insights.errors import UnknownMeasureError
from huifang.insights.facts import duck
from huifang.insights.metrics import readings
from huifang.insights.metrics.cuts import TIMES, Slice, group, parameters, where
from huifang.insights.metrics.readings import Reading

TOPICS = ("activity",)
CUTS = ("wallet", "version", "region", "language")
ACTIVE = """
SELECT {group} AS grouping, COUNT(DISTINCT customer) AS active
FROM activity
WHERE customer IS NOT NULL AND {where}
GROUP BY 1
"""
FEATURES = """
SELECT name, COUNT(DISTINCT customer) AS customers, SUM(count) AS times
FROM activity
WHERE customer IS NOT NULL AND name <> '' AND {where}
GROUP BY name
ORDER BY customers DESC, name
LIMIT 200
"""
OF_FEATURE = """
SELECT {group} AS grouping, COUNT(DISTINCT customer) AS active,
       COUNT(DISTINCT CASE WHEN name = $feature THEN customer END) AS customers
FROM activity
WHERE customer IS NOT NULL AND {where}
GROUP BY 1
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Feature:
    """One event by name: the share of active customers who did it, and how often they did."""

    name: str
    usage: Reading
    times: int


def _rows(sql: str, only: Slice, **more: object) -> list[tuple[object, ...]]:
    values = parameters(only, sql) | more
    return duck.ask(sql, topics=TOPICS, days=duck.days_of(only.start, only.end), parameters=values)


def features(only: Slice) -> list[Feature]:
    """Every feature, the most used first. Whole UTC days only, because events are counted by them."""
    narrow = where(only, cuts=CUTS)
    (active,) = [row[1] for row in _rows(ACTIVE.format(group=group(""), where=narrow), only)] or [0]
    return [
        Feature(
            name=str(name),
            usage=readings.share(str(name), _whole(customers), _whole(active)),
            times=_whole(times),
        )
        for name, customers, times in _rows(FEATURES.format(where=narrow), only)
    ]


def usage(only: Slice, *, by: str = "", feature: str = "") -> list[Reading]:
    """Usage of each feature; of one *feature* cut *by* something where it is named."""
    if by and by not in (*CUTS, *TIMES):
        raise UnknownMeasureError(name=by, known=", ".join((*CUTS, *TIMES)))
    if not feature:
        return [each.usage for each in features(only)]
    sql = OF_FEATURE.format(group=group(by), where=where(only, cuts=CUTS))
    rows = _rows(sql, only, feature=feature)
    return [readings.share(str(row[0]), _whole(row[2]), _whole(row[1])) for row in sorted(rows, key=str)]


def _whole(value: object) -> int:
    return int(str(value))
