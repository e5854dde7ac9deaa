"""What can be chosen in each filter of Insights: the values that occur in the facts."""

from functools import lru_cache

from django.db.models import Max

from huifang.insights.facts import duck
from huifang.insights.metrics.cuts import COLUMNS, CUTS
from huifang.insights.models import Segment
from huifang.insights.settings import facts_folder

_VALUES_MAX = 200
_OCCURRING = " UNION ".join(
    f"SELECT '{cut}' AS cut, CAST({column} AS VARCHAR) AS word FROM {topic}"  # noqa: S608 - our own words
    for topic in ("answers", "invitations")
    for cut, column in COLUMNS.items()
)


def values() -> dict[str, list[str]]:
    """The values of each cut that occur, in order; at most two hundred each."""
    newest = Segment.objects.aggregate(newest=Max("pk"))["newest"]
    return _values(str(facts_folder()), newest or 0)


@lru_cache(maxsize=8)
def _values(folder: str, newest: int) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {cut: [] for cut in CUTS}
    rows = duck.ask(_OCCURRING, topics=("answers", "invitations"), days=None, parameters={})
    for cut, value in sorted((row[0], row[1]) for row in rows if row[1]):
        if len(found[cut]) < _VALUES_MAX:
            found[cut].append(value)
    return found
