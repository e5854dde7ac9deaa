"""Instants as files hold them."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from huifang.kernel.instants import InstantReader

SHANGHAI = InstantReader(zone=ZoneInfo("Asia/Shanghai"))
HALF_PAST_EIGHT = datetime(2026, 3, 1, 8, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    "value",
    [
        "2026-03-01T08:30Z",
        " 2026-03-01 16:30:00 ",
        "2026/3/1 16:30",
        "2026年3月1日 16:30",
        "2026-03-01T09:30+01:00",
        "20260301T163000",
        1772353800,
        "1772353800",
        "1772353800000",
        1772353800.0,
    ],
)
def test_what_can_be_told_is_read(value):
    assert SHANGHAI.read(value) == HALF_PAST_EIGHT


def test_a_day_is_its_start_where_it_was_written():
    assert SHANGHAI.read("2026-03-01") == SHANGHAI.read("2026.3.1") == datetime(2026, 2, 28, 16, tzinfo=UTC)


@pytest.mark.parametrize(
    "value",
    [
        "",
        "01/03/2026 08:30",
        "soon",
        "2026/13/1",
        "9999-12-31T23:59-12:00",
        True,
        None,
        [],
        1e300,
        float("nan"),
    ],
)
def test_what_cannot_be_told_is_no_instant(value):
    assert SHANGHAI.read(value) is None


def test_a_pattern_tells_days_from_months():
    reader = InstantReader(zone=ZoneInfo("Europe/London"), pattern="%d/%m/%Y %H:%M")
    assert reader.read("01/07/2026 09:30") == datetime(2026, 7, 1, 8, 30, tzinfo=UTC)
    assert reader.read("2026-07-01") is None
