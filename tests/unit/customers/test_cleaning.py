"""Single values that wallets send: what is taken, and that nonsense is nothing."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from huifang.customers import cleaning, masks


@pytest.mark.parametrize(
    ("text", "country", "number"),
    [
        ("138 0000 0421", "CN", "+8613800000421"),
        ("+86 138-0000-0421", "FR", "+8613800000421"),
        ("008613800000421", "CN", "+8613800000421"),
        ("06 12 34 56 78", "FR", "+33612345678"),
        ("１３８０００００４２１", "CN", "+8613800000421"),
        (13800000421, "CN", "+8613800000421"),
        ("13800000421", "", ""),
        ("12", "CN", ""),
        ("110", "CN", ""),
        ("138000004210000", "CN", ""),
        ("call me", "CN", ""),
        ("1" * 5000, "CN", ""),
        (None, "CN", ""),
        (["13800000421"], "CN", ""),
        (True, "CN", ""),
    ],
)
def test_a_phone_number_is_e164_or_nothing(text, country, number):
    assert cleaning.clean_phone(text, country) == number


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("lin@example.com", "lin@example.com"),
        (" Lin.X+a@EXAMPLE.Com ", "Lin.X+a@example.com"),
        ("用户@例子.中国", "用户@xn--fsqu00a.xn--fiqs8s"),
        ("a@b", ""),
        ("a@@example.com", ""),
        ("a b@example.com", ""),
        ("a@example.com\nBcc: b@example.com", ""),
        ("a@example.com,b@example.com", ""),
        ("<a@example.com>", ""),
        ("a\0@example.com", ""),
        ("a@-example.com", ""),
        ("a" * 250 + "@example.com", ""),
        (5, ""),
    ],
)
def test_an_email_address_is_one_address_or_nothing(text, address):
    assert cleaning.clean_email(text) == address


def test_an_email_pattern_cannot_be_made_slow():
    assert cleaning.clean_email("a@" + "a-" * 120 + "!") == ""


@pytest.mark.parametrize(
    ("value", "language"),
    [
        ("zh-CN", "zh-Hans"),
        ("zh_CN.UTF-8", "zh-Hans"),
        ("EN", "en"),
        ("en-GB", "en"),
        ("fr_FR", "fr-FR"),
        ("??", ""),
        ("english please", ""),
        ("", ""),
        (7, ""),
    ],
)
def test_a_language_is_a_product_language_or_a_tag(value, language):
    assert cleaning.clean_language(value) == language


@pytest.mark.parametrize(
    ("value", "zone"),
    [
        ("Asia/Shanghai", "Asia/Shanghai"),
        (" Europe/Paris ", "Europe/Paris"),
        ("UTC+8", "Etc/GMT-8"),
        ("Factory", ""),
        ("../../etc/passwd", ""),
        ("asia/shanghai", "Asia/Shanghai"),
        (None, ""),
        (8, ""),
    ],
)
def test_a_zone_is_in_the_tz_database_or_nothing(value, zone):
    assert cleaning.clean_zone(value) == zone


@pytest.mark.parametrize(
    ("country", "zone"),
    [
        ("CN", "Asia/Shanghai"),
        ("SG", "Asia/Singapore"),
        ("HK", "Asia/Hong_Kong"),
        ("JP", "Asia/Tokyo"),
        ("FR", "Europe/Paris"),
        ("US", ""),
        ("RU", ""),
        ("AU", ""),
        ("XX", ""),
        ("", ""),
    ],
)
def test_a_zone_follows_from_a_country_only_where_it_has_one(country, zone):
    assert cleaning.zone_of_country(country) == zone


@pytest.mark.parametrize(
    ("value", "country"), [("CN", "CN"), ("cn-31", "CN"), ("China", ""), ("ZZ", ""), ("C", ""), (None, "")]
)
def test_a_country_is_a_code_or_nothing(value, country):
    assert cleaning.clean_country(value) == country


@pytest.mark.parametrize(
    ("value", "instant"),
    [
        ("2026-08-20T08:00:00Z", datetime(2026, 8, 20, 8, tzinfo=UTC)),
        ("2026-08-20T16:00:00+08:00", datetime(2026, 8, 20, 8, tzinfo=UTC)),
        ("2026-08-20", datetime(2026, 8, 20, tzinfo=UTC)),
        (1_787_212_800, datetime(2026, 8, 20, 8, tzinfo=UTC)),
        (1_787_212_800_000, datetime(2026, 8, 20, 8, tzinfo=UTC)),
        ("yesterday", None),
        (10**30, None),
        (float("nan"), None),
        (True, None),
        (None, None),
    ],
)
def test_an_instant_is_aware_or_nothing(value, instant):
    assert cleaning.clean_instant(value) == instant


@pytest.mark.parametrize(
    ("properties", "amount"),
    [
        ({"amount": 12.5}, "12.5000"),
        ({"amount": "7.25"}, "7.2500"),
        ({"total": 3, "value": 9}, "3.0000"),
        ({"amount": True}, "0"),
        ({"amount": "¥5"}, "0"),
        ({"amount": float("inf")}, "0"),
        ({"amount": "NaN"}, "0"),
        ({"amount": "1e400"}, "0"),
        ({"amount": 10**30}, "0"),
        ({"amount": -4}, "-4.0000"),
        ({}, "0"),
    ],
)
def test_an_amount_is_a_finite_number_or_nothing(properties, amount):
    assert cleaning.amount_of(properties) == Decimal(amount)


@pytest.mark.parametrize("value", ["soft", "软钱包", "Hardware", "liquid", None, 1])
def test_a_wallet_kind_is_soft_hard_or_nothing(value):
    known = {"soft": "soft", "软钱包": "soft", "Hardware": "hard"}
    assert cleaning.clean_wallet_kind(value) == known.get(value, "")


@pytest.mark.parametrize(
    ("kind", "value", "masked"),
    [
        ("phone", "+8613800000421", "138****0421"),
        ("phone", "+33612345678", "+33****5678"),
        ("phone", "+29012345", "+29****2345"),
        ("phone", "+2901234", "****"),
        ("email", "lin@example.com", "l***@example.com"),
        ("device", "abcdefghijklmnop", "…mnop"),
        ("im", "short", "****"),
    ],
)
def test_a_masked_value_shows_that_it_is_there_and_little_more(kind, value, masked):
    assert masks.mask_contact(kind, value) == masked


@pytest.mark.parametrize(
    ("name", "masked"), [("林小满", "林**"), ("Ada Lovelace", "A***"), ("", ""), ("  ", "")]
)
def test_a_masked_name_shows_its_first_letter(name, masked):
    assert masks.mask_name(name) == masked


@pytest.mark.parametrize("value", ["9999-12-31T23:59:59Z", "0001-01-01T00:00:00Z", 32503680000])
def test_an_instant_that_stands_for_never_is_none(value: object):
    assert cleaning.clean_instant(value) is None
