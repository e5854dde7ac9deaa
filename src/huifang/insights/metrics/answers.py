"""NPS, CSAT and CES: answers counted by score first, then reckoned; and how many have words."""

from huifang.insights.facts import duck
from huifang.insights.metrics import readings
from huifang.insights.metrics.cuts import Slice, group, parameters, where
from huifang.insights.metrics.readings import Reading

TOPICS = ("answers",)
SCORES = """
SELECT {group} AS grouping, metric, number, COUNT(*) AS answers
FROM answers
WHERE metric IN ('nps', 'csat', 'ces') AND number IS NOT NULL AND {where}
GROUP BY 1, 2, 3
"""
WORDS = """
SELECT {group} AS grouping, COUNT(DISTINCT id) AS responses,
       COUNT(DISTINCT CASE WHEN has_text THEN id END) AS worded
FROM answers
WHERE {where}
GROUP BY 1
"""


def score_counts(only: Slice, *, by: str = "") -> dict[str, dict[str, dict[int, int]]]:
    """Answers counted by metric, then group, then score."""
    sql = SCORES.format(group=group(by), where=where(only))
    rows = duck.ask(
        sql, topics=TOPICS, days=duck.days_of(only.start, only.end), parameters=parameters(only, sql)
    )
    found: dict[str, dict[str, dict[int, int]]] = {}
    for name, metric, number, count in rows:
        found.setdefault(metric, {}).setdefault(name, {})[number] = count
    return found


def scores(metric: str, only: Slice, *, by: str = "") -> list[Reading]:
    """*metric* of each group, by name; one without answers where nothing is grouped and nobody answered."""
    groups = score_counts(only, by=by).get(metric, {})
    if not groups and not by:
        return [readings.score(metric, "", {})]
    return [readings.score(metric, name, counts) for name, counts in sorted(groups.items())]


def words(only: Slice, *, by: str = "") -> list[Reading]:
    """Share of responses in which somebody wrote something."""
    sql = WORDS.format(group=group(by), where=where(only))
    rows = duck.ask(
        sql, topics=TOPICS, days=duck.days_of(only.start, only.end), parameters=parameters(only, sql)
    )
    if not rows and not by:
        return [readings.share("", 0, 0)]
    return [readings.share(name, worded, responses) for name, responses, worded in sorted(rows)]
