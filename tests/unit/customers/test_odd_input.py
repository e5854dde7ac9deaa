"""Phones, e-mails and zones as people, spreadsheets and old systems write them: a sane value or none."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo, available_timezones

import pytest

from huifang.customers import cleaning


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("１３８０００００４２１", "+8613800000421"),
        ("0086 138 0000 0421", "+8613800000421"),
        ("+86(0)138-0000-0421", "+8613800000421"),
        ("86 13800000421", "+8613800000421"),
        ("＋86 138 0000 0421", "+8613800000421"),
        ("tel:+86-138-0000-0421", "+8613800000421"),
        ("138 0000 0421", "+8613800000421"),
        ("138.0000.0421", "+8613800000421"),
        ("(010) 6552 9988", "+861065529988"),
        ("021-65529988", "+862165529988"),
        ("+65 8123 4567", "+6581234567"),
        ("0065 8123 4567", "+6581234567"),
        (13800000421, "+8613800000421"),
        ("13800000421.0", "+8613800000421"),
    ],
)
def test_a_number_is_read_however_it_is_written(text: object, clean: str):
    assert cleaning.clean_phone(text, "CN") == clean


@pytest.mark.parametrize(
    "text",
    [
        "010-65529988 ext. 12",  # a message would reach the switchboard, not the person
        "010-65529988转12",
        "010-65529988,12",
        "110",
        "12345",
        "1380000042",
        "138000004211",
        "00000000000",
        "13800000421 13900000422",
        "13800000421/13900000422",
        "1-800-FLOWERS",
        "1.38E+10",
        "+999 12345678",
        "138****0421",
        "'; DROP TABLE",
        "9" * 5000,
        "",
        None,
        True,
        [],
        {},
        float("nan"),
        float("inf"),
    ],
)
def test_what_is_no_number_of_one_person_is_none(text: object):
    assert cleaning.clean_phone(text, "CN") == ""


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        (" Ada+News@Example.COM ", "Ada+News@example.com"),
        ("mailto:ada@example.com", "ada@example.com"),
        ("ada@bücher.example", "ada@xn--bcher-kva.example"),
        ("ada@BÜCHER.example", "ada@xn--bcher-kva.example"),
        ("小满@例子.中国", "小满@xn--fsqu00a.xn--fiqs8s"),
        ("ada@example.com.", "ada@example.com"),
        ("ａｄａ＠example.com", "ada@example.com"),
    ],
)
def test_an_address_is_read_however_it_is_written(text: str, clean: str):
    assert cleaning.clean_email(text) == clean


@pytest.mark.parametrize(
    "text",
    [
        "ada",
        "ada@",
        "@example.com",
        "ada@example",
        "a da@example.com",
        "ada@example..com",
        "ada..l@example.com",
        ".ada@example.com",
        "ada.@example.com",
        "ada@-example.com",
        "a@b@example.com",
        "ada@example.com, bob@example.com",
        "ada@example.com\nBcc: all@example.com",
        "ada\u202e@example.com",
        "x" * 65 + "@example.com",
        "ada@" + "a" * 250 + ".com",
        "ada@127.0.0.1",
        None,
        7,
    ],
)
def test_what_is_no_address_is_none(text: object):
    assert cleaning.clean_email(text) == ""


def test_capitals_and_their_lack_make_one_address_and_a_plus_two():
    forms = {cleaning.index_form("email", cleaning.clean_email(text)) for text in ("Ada@X.com", "ada@x.COM")}
    assert len(forms) == 1
    assert cleaning.index_form("email", "ada+a@x.com") != cleaning.index_form("email", "ada@x.com")


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("Asia/Shanghai", "Asia/Shanghai"),
        ("asia/shanghai", "Asia/Shanghai"),
        ("China Standard Time", "Asia/Shanghai"),
        ("Singapore Standard Time", "Asia/Singapore"),
        ("GMT+8", "Etc/GMT-8"),
        ("UTC+8", "Etc/GMT-8"),
        ("UTC+08:00", "Etc/GMT-8"),
        ("+08:00", "Etc/GMT-8"),
        ("+0800", "Etc/GMT-8"),
        ("-5", "Etc/GMT+5"),
        ("GMT-05:00", "Etc/GMT+5"),
        ("UTC", "UTC"),
        ("Z", "UTC"),
        ("+00:00", "UTC"),
        ("+05:30", "Asia/Kolkata"),
        ("UTC+5:45", "Asia/Kathmandu"),
        ("GMT+0630", "Asia/Yangon"),
        ("-09:30", "Pacific/Marquesas"),
    ],
)
def test_a_zone_is_read_however_it_is_written(text: str, clean: str):
    assert cleaning.clean_zone(text) == clean


@pytest.mark.parametrize(
    "text",
    [
        "+05:30x",
        "+15:00",
        "-13",
        "+08:15",
        "+09:30",
        "-03:30",
        "+12:45",
        "+05:99",
        "-05:30",
        "CST",
        "IST",
        "Beijing",
        "../../etc",
        "GMT+",
        "8",
        "",
        None,
        8,
    ],
)
def test_a_zone_that_may_be_several_or_none_is_none(text: object):
    """CST is Shanghai, Chicago and Havana: a guess would ring at night."""
    assert cleaning.clean_zone(text) == ""


def test_an_offset_off_the_hour_names_a_zone_only_where_it_is_one_clock_all_year():
    days = [datetime(2026, month, 1, tzinfo=UTC) for month in range(1, 13)]
    told: dict[str, set[bool]] = {}
    for name in available_timezones() - {"Factory", "localtime"}:
        offsets = {day.astimezone(ZoneInfo(name)).strftime("%z") for day in days}
        for offset in offsets:
            told.setdefault(offset, set()).add(len(offsets) == 1)
    off_the_hour = {offset: clocks for offset, clocks in told.items() if not offset.endswith("00")}
    assert len(off_the_hour) > 8
    for offset, clocks in off_the_hour.items():
        zone = cleaning.clean_zone(offset)
        assert bool(zone) is (clocks == {True}), offset
        if zone:
            assert days[0].astimezone(ZoneInfo(zone)).strftime("%z") == offset
