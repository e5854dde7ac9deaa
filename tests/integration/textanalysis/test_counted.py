"""Topics are counted in the database as one would count them by hand, also by days of a zone."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from tests.integration.textanalysis.texts import read_all, take, text

from huifang.textanalysis import lines, sparks
from huifang.textanalysis.records import FindingFilter

pytestmark = pytest.mark.django_db
ZONE = ZoneInfo("America/New_York")
# Clocks go back on 1 November: that day has twenty-five hours.
END = datetime(2026, 11, 10, 17, 0, tzinfo=UTC)
HOURS = [*range(0, 24 * 40, 7), 4, 5, 28, 29]
WORDS = ["手续费太高", "闪退，手续费太高", "很好", "转账不到账，气死了"]


def when(hours: int) -> datetime:
    return END - timedelta(hours=hours, minutes=1)


def test_sizes_and_days_are_those_of_the_texts() -> None:
    take(*(text(str(at), WORDS[at % 4], at=when(hours)) for at, hours in enumerate(HOURS)))
    read_all()
    found = FindingFilter(start=END - timedelta(days=60), end=END)
    total, sizes, negatives = lines.counts(found)
    fees = [hours for at, hours in enumerate(HOURS) if at % 4 in (0, 1)]
    assert (total, sizes["fees"]) == (len(HOURS), len(fees))
    assert sizes["speed"] == sum(at % 4 == 1 for at in range(len(HOURS)))
    assert negatives["transfer"] <= sizes["transfer"] == sum(at % 4 == 3 for at in range(len(HOURS)))
    days = Counter(when(hours).astimezone(ZONE).date() for hours in fees)
    last = END.astimezone(ZONE).date() - timedelta(days=1)
    shown = [days[last - timedelta(days=back)] for back in range(27, -1, -1)]
    drawn = sparks.drawn(found, end=END, zone=ZONE)["fees"]
    lowest = max(float(point.split(",")[1]) for point in drawn.points.split())
    highest = min(float(point.split(",")[1]) for point in drawn.points.split())
    heights = [float(point.split(",")[1]) for point in drawn.points.split()]
    assert len(heights) == len(shown)
    assert [height == lowest for height in heights] == [count == min(shown) for count in shown]
    assert [height == highest for height in heights] == [count == max(shown) for count in shown]
