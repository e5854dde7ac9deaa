"""NPS, CSAT and CES: answers counted by score first, then reckoned; and how many have words."""

from huifang.insights.facts import duck
from huifang.insights.metrics import readings
from huifang.insights.metrics.cuts import Slice, group_of_part, parameters, part, where
from huifang.insights.metrics.readings import Reading

TOPICS = ("answers",)
SCORES = """
SELECT {group} AS grouping, metric, number, SUM(answers) AS answers
FROM (
    SELECT {part} AS part, metric, number, COUNT(*) AS answers
    FROM answers
    WHERE metric IN ('nps', 'csat', 'ces') AND number IS NOT NULL AND {where}
    GROUP BY 1, 2, 3
) AS counted
GROUP BY 1, 2, 3
"""
# All answers of a response are of one instant and one group, so the parts can be added.
WORDS = """
SELECT {group} AS grouping, SUM(responses) AS responses, SUM(worded) AS worded
FROM (
    SELECT {part} AS part, COUNT(DISTINCT id) AS responses,
           COUNT(DISTINCT CASE WHEN has_text THEN id END) AS worded
    FROM answers
    WHERE {where}
    GROUP BY 1
) AS counted
GROUP BY 1
"""


def score_counts(only: Slice, *, by: str = "") -> dict[str, dict[str, dict[int, int]]]:
    """Answers counted by metric, then group, then score."""
    sql = SCORES.format(group=group_of_part(by), part=part(by), where=where(only))
    rows = duck.ask(
        sql, topics=TOPICS, days=duck.days_of(only.start, only.end), parameters=parameters(only, sql)
    )
    found: dict[str, dict[str, dict[int, int]]] = {}
    for name, metric, number, count in rows:
        found.setdefault(metric, {}).setdefault(name, {})[number] = int(count)
    return found


def scores(metric: str, only: Slice, *, by: str = "") -> list[Reading]:
    """*metric* of each group, by name; one without answers where nothing is grouped and nobody answered."""
    groups = score_counts(only, by=by).get(metric, {})
    if not groups and not by:
        return [readings.score(metric, "", {})]
    return [readings.score(metric, name, counts) for name, counts in sorted(groups.items())]


def words(only: Slice, *, by: str = "") -> list[Reading]:
    """Share of responses in which somebody wrote something."""
    sql = WORDS.format(group=group_of_part(by), part=part(by), where=where(only))
    rows = duck.ask(
        sql, topics=TOPICS, days=duck.days_of(only.start, only.end), parameters=parameters(only, sql)
    )
    if not rows and not by:
        return [readings.share("", 0, 0)]
    return [readings.share(name, int(worded), int(responses)) for name, responses, worded in sorted(rows)]
