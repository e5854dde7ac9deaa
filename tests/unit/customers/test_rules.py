"""Which consent stands and which statement wins, at the edges."""

from datetime import UTC, datetime, timedelta

import pytest

from huifang.customers.rules import (
    TRAITS_MAX,
    ConsentAct,
    ConsentNow,
    Portrait,
    Statement,
    consented_channels,
    is_news,
    takes_effect,
)
from huifang.customers.statements import read_consents, read_statement

NOW = datetime(2026, 11, 18, 10, 0, tzinfo=UTC)
EARLIER, LATER = NOW - timedelta(minutes=1), NOW + timedelta(minutes=1)
YES, NO = ConsentNow(given=True, wording="Ask?", at=NOW), ConsentNow(given=False, wording="", at=NOW)


def act(kind: str, at: datetime, *, is_claim: bool = False, wording: str = "") -> ConsentAct:
    return ConsentAct(
        customer_id=1,
        purpose="marketing",
        act=kind,
        at=at,
        source="test",
        is_claim=is_claim,
        wording=wording,
    )


@pytest.mark.parametrize(
    ("now", "said", "news", "effect"),
    [
        (None, act("given", NOW), True, True),
        (None, act("withdrawn", NOW), True, True),
        (YES, act("withdrawn", LATER), True, True),
        (YES, act("withdrawn", NOW), True, True),
        (YES, act("withdrawn", EARLIER), True, False),
        (NO, act("given", LATER), True, True),
        (NO, act("given", NOW), True, False),
        (NO, act("given", EARLIER), True, False),
        (YES, act("given", NOW), False, False),
        (YES, act("given", LATER), True, True),
        (NO, act("given", LATER, is_claim=True), False, True),
        (YES, act("given", LATER, is_claim=True), False, True),
        (YES, act("given", LATER, is_claim=True, wording="New?"), True, True),
        (YES, act("given", EARLIER, is_claim=True, wording="New?"), False, False),
        (YES, act("withdrawn", LATER, is_claim=True), True, True),
        (YES, act("refused", LATER), True, False),
    ],
)
def test_an_act_is_news_and_takes_effect_at_its_time(now, said, news, effect):
    """Of two acts at the same instant the no stands; a claim never undoes a no."""
    assert is_news(now, said) is news
    assert takes_effect(now, said) is effect


@pytest.mark.parametrize(
    ("states", "sms", "email"),
    [
        ({}, False, False),
        ({"*": (True, NOW)}, True, True),
        ({"*": (False, NOW)}, False, False),
        ({"sms": (True, NOW)}, True, False),
        ({"*": (True, LATER), "sms": (False, NOW)}, False, True),
        ({"*": (False, LATER), "sms": (True, NOW)}, False, False),
        ({"*": (False, NOW), "sms": (True, NOW)}, False, False),
        ({"*": (False, NOW), "sms": (True, LATER)}, True, False),
    ],
)
def test_a_no_is_undone_only_where_it_was_said(states, sms, email):
    allowed = consented_channels(states)
    assert ("sms" in allowed, "email" in allowed) == (sms, email)


def portrait() -> Portrait:
    return Portrait(fields={}, traits={}, stamps={})


def test_a_value_stated_at_the_same_instant_is_taken():
    known = portrait()
    known.lay(Statement(at=NOW, fields={"language": "en"}))
    known.lay(Statement(at=NOW, fields={"language": "zh-Hans"}))
    assert known.fields["language"] == "zh-Hans"


def test_a_trait_is_unset_by_null_and_a_later_copy_of_the_past_does_not_bring_it_back():
    known = portrait()
    known.lay(Statement(at=NOW, traits={"tier": "gold"}))
    known.lay(Statement(at=LATER, traits={"tier": None}))
    known.lay(Statement(at=NOW, traits={"tier": "gold"}))
    assert known.traits == {}


def test_traits_have_an_end():
    known = portrait()
    known.lay(Statement(at=NOW, traits={f"trait{number}": 1 for number in range(TRAITS_MAX + 50)}))
    assert len(known.traits) == TRAITS_MAX


def test_a_zone_from_the_country_gives_way_to_a_stated_one_and_not_the_reverse():
    known = portrait()
    known.derive_zone("Asia/Shanghai")
    assert known.fields["time_zone_source"] == "country"
    known.lay(Statement(at=EARLIER, fields={"time_zone": "Europe/Paris"}))
    known.derive_zone("Asia/Shanghai")
    assert (known.fields["time_zone"], known.fields["time_zone_source"]) == ("Europe/Paris", "stated")


def test_the_same_again_makes_no_difference():
    known = portrait()
    known.lay(Statement(at=NOW, fields={"language": "en"}, traits={"tier": "gold"}, name="Ada"))
    known.is_different = False
    known.lay(Statement(at=LATER, fields={"language": "en"}, traits={"tier": "gold"}, name="Ada"))
    assert known.is_different is False


def test_what_is_personal_never_becomes_a_trait():
    raw = {"cardNumber": "6222", "ID_number": "31", "Pass-Word": "x", "whatsit": "sealed", "tier": "gold"}
    statement = read_statement(raw, at=NOW, country="CN", personal=["whatsit"])
    assert statement.traits == {"tier": "gold"}


def test_a_name_is_put_together_as_its_script_does():
    def name_of(first: str, last: str) -> str:
        return read_statement({"firstName": first, "lastName": last}, at=NOW, country="").name

    assert (name_of("小满", "林"), name_of("Ada", "Lovelace"), name_of("Ada", "")) == (
        "林小满",
        "Ada Lovelace",
        "Ada",
    )


@pytest.mark.parametrize(
    ("item", "scope"),
    [
        ({"purpose": "marketing", "given": True}, [("marketing", "*", "given")]),
        ({"purpose": "Marketing", "given": "yes", "channel": "SMS"}, [("marketing", "sms", "given")]),
        ({"purpose": "marketing", "given": True, "channel": "fax"}, []),
        ({"purpose": "x", "given": True}, []),
        ({"purpose": "marketing"}, []),
        ({"purpose": "marketing", "given": "perhaps"}, []),
        ({"purpose": "marketing", "given": False, "channel": "fax"}, [("marketing", "*", "withdrawn")]),
        (
            {"given": False, "channel": "sms"},
            [
                ("service_follow_up", "sms", "withdrawn"),
                ("marketing", "sms", "withdrawn"),
                ("call_recording", "sms", "withdrawn"),
            ],
        ),
        ("nonsense", []),
        (None, []),
    ],
)
def test_a_yes_must_be_exact_and_a_no_is_taken_widely(item, scope):
    acts = read_consents([item], customer_id=1, source="test", at=NOW, now=NOW)
    assert [(each.purpose, each.channel, each.act) for each in acts] == scope
