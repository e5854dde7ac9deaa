"""Whose date falls on a day: traits however they are written, leap years, registration by the own clock."""

from datetime import UTC, date, datetime

import pytest
from tests.integration.customers.makers import known

from huifang.customers import queries
from huifang.customers.models import Customer

pytestmark = pytest.mark.django_db
DAY = date(2026, 11, 22)


def on(trait: str, day: date = DAY, *, yearly: bool = False) -> set[str]:
    found = queries.dated(trait=trait, day=day, yearly=yearly)
    return {profile.external_id for profile in queries.profiles(customer_ids=found).values()}


def test_a_date_is_found_however_it_is_written():
    for number, text in enumerate(
        [
            "2026-11-22",
            "2026/11/22",
            "20261122",
            "2026.11.22",
            "2026-11-22T08:00:00+08:00",
            "2026-11-22 23:59",
        ]
    ):
        known(f"yes-{number}", contract_end=text)
    known("number", contract_end=20261122)
    for number, text in enumerate(["2026-11-23", "2026-13-22", "22.11.2026", "2026112212", "soon", "", True]):
        known(f"no-{number}", contract_end=text)
    assert on("contract_end") == {f"yes-{number}" for number in range(6)} | {"number"}


def test_yearly_finds_the_day_of_every_year_before_and_none_after():
    known("old", since="2019-11-22")
    known("now", since="2026-11-22")
    known("later", since="2030-11-22")
    known("other", since="2019-11-23")
    assert on("since", yearly=True) == {"old", "now"}
    assert on("since") == {"now"}


def test_the_29th_of_february_falls_on_the_28th_in_other_years():
    known("leap", since="2024-02-29")
    known("plain", since="2023-02-28")
    assert on("since", date(2027, 2, 28), yearly=True) == {"leap", "plain"}
    assert on("since", date(2028, 2, 28), yearly=True) == {"plain"}
    assert on("since", date(2028, 2, 29), yearly=True) == {"leap"}


def test_registration_has_the_day_of_the_customers_own_clock():
    """17:00 UTC on the 21st is the 22nd in Shanghai, and the 21st in New York."""
    at = datetime(2026, 11, 21, 17, 0, tzinfo=UTC)
    for zone in ("Asia/Shanghai", "America/New_York", ""):
        known(zone or "unknown")
        Customer.objects.filter(external_id=zone or "unknown").update(registered_at=at, time_zone=zone)
    assert on("registered_at") == {"Asia/Shanghai"}
    assert on("registered_at", date(2026, 11, 21)) == {"America/New_York", "unknown"}
    assert on("registered_at", date(2027, 11, 22), yearly=True) == {"Asia/Shanghai"}


def test_pages_of_dates_follow_each_other():
    keys = sorted(known(f"W-{number}", since="2026-11-22") for number in range(5))
    first = queries.dated(trait="since", day=DAY, limit=2)
    rest = queries.dated(trait="since", day=DAY, after=first[-1], limit=10)
    assert first + rest == keys


def test_a_birthday_is_found_each_year_and_kept_by_no_row():
    for name, text in (("a", "1990-11-22"), ("b", "2000/11/22"), ("c", "--11-22"), ("d", "1990-11-23")):
        known(name, birthday=text)
    known("leap", dateOfBirth="20000229")
    assert on("birthday") == {"a", "b", "c"}
    assert on("birthday", date(2027, 2, 28)) == {"leap"}
    row = Customer.objects.get(external_id="a")
    assert "1990" not in str(row.traits) and "1122" not in str(row.traits) and "11-22" not in str(row.traits)
