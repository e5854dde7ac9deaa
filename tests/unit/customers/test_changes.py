"""A profile can be set once, added to, counted up and deleted, not only set."""

from datetime import UTC, datetime, timedelta

import pytest

from huifang.customers import changes, statements
from huifang.customers.rules import Portrait

NOW = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.fixture
def portrait() -> Portrait:
    known = Portrait(fields={"country": "CN"}, traits={}, stamps={})
    lay(known, {"visits": 3, "tags": ["vip"], "level": "gold", "language": "zh-CN", "phone": "13800000421"})
    return known


def lay(portrait: Portrait, raw: dict[str, object], change: str = "", at: datetime = NOW) -> None:
    traits = changes.resolve(portrait, raw, change=change)
    at = changes.instant(portrait, raw, change=change, at=at)
    portrait.lay(statements.read_statement(traits, at=at, country="CN"))


def test_what_is_known_is_not_set_again(portrait):
    lay(portrait, {"level": "base", "origin": "store", "locale": "en", "mobile": "13800000422"}, "set_once")
    assert portrait.traits["level"] == "gold"
    assert portrait.traits["origin"] == "store"
    assert portrait.fields["language"] == "zh-Hans"
    assert portrait.contacts["phone"][0] == "+8613800000421"


def test_numbers_are_counted_up_from_nothing_and_from_what_is_no_number(portrait):
    lay(portrait, {"visits": 2, "coupons": 1, "level": 5, "spent": "12"}, "increment")
    assert portrait.traits == {"visits": 5, "coupons": 1, "level": 5, "tags": ["vip"]}


def test_a_late_count_is_not_lost_though_a_later_value_is_known(portrait):
    lay(portrait, {"visits": 2}, "increment", at=NOW - timedelta(days=1))
    assert portrait.traits["visits"] == 5


def test_lists_are_added_to_and_hold_each_value_once(portrait):
    lay(portrait, {"tags": ["vip", "early"], "level": ["silver"]}, "append")
    assert portrait.traits["tags"] == ["vip", "early"]
    assert portrait.traits["level"] == ["gold", "silver"]


def test_a_deleted_profile_keeps_no_trait_of_the_wallets_own_and_how_to_reach_the_customer(portrait):
    lay(portrait, {}, "delete", at=NOW + timedelta(seconds=1))
    assert {name: value for name, value in portrait.traits.items() if value is not None} == {}
    assert portrait.contacts["phone"][0] == "+8613800000421"
