"""Who is in a segment: every kind of condition against real rows, values that try to be SQL, and counts."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from tests.integration.customers.makers import (
    EMAIL,
    NOW,
    OTHER_PHONE,
    PHONE,
    apply,
    consented,
    event,
    identify,
    known,
    minutes,
)

from huifang.customers import queries, services
from huifang.customers.errors import FaultySegmentError, UnknownSegmentError
from huifang.customers.segments import behaviour, definition, keeping, members
from huifang.kernel import clock
from huifang.kernel.ids import CustomerId

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def still_clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Now is the tests' own now; what was read of events is forgotten between tests."""
    monkeypatch.setattr(clock, "now", lambda: NOW)
    behaviour.forget()
    yield
    behaviour.forget()


def made(*conditions: dict[str, object], kind: str = "all") -> int:
    """The number of a segment of these conditions."""
    wanted = definition.read({"where": {"kind": kind, "of": list(conditions)}})
    name = f"segment {len(queries.segments())}"
    return keeping.create(draft=keeping.Draft(name=name, wanted=wanted), by="person:1", now=NOW).pk


def inside(*conditions: dict[str, object], kind: str = "all") -> set[str]:
    """The ids of the wallet that are in a segment of these conditions."""
    ids = queries.segment_members(segment_id=made(*conditions, kind=kind), limit=100)
    return {profile.external_id for profile in queries.profiles(customer_ids=ids).values()}


def test_columns_are_compared_and_what_is_unknown_is_not_met():
    known("soft", walletKind="soft", region="华东")
    known("hard", walletKind="hard")
    known("blank")
    assert inside({"kind": "field", "name": "wallet_kind", "value": "soft"}) == {"soft"}
    assert inside({"kind": "field", "name": "wallet_kind", "op": "is_not", "value": "soft"}) == {"hard"}
    assert inside({"kind": "field", "name": "wallet_kind", "op": "missing"}) == {"blank"}
    assert inside({"kind": "field", "name": "region", "op": "in", "value": ["华东", "华北"]}) == {"soft"}
    assert inside({"kind": "field", "name": "region", "op": "contains", "value": "东"}) == {"soft"}


def test_traits_are_compared_by_their_kind():
    known("three", level=3, vip=True, tags=["a", "b"])
    known("text", level="3", vip=False, tags="abc")
    known("none")
    assert inside({"kind": "trait", "name": "level", "value": 3}) == {"three"}
    assert inside({"kind": "trait", "name": "level", "op": "at_least", "value": 3}) == {"three", "text"}
    assert inside({"kind": "trait", "name": "level", "op": "at_most", "value": 2.5}) == set()
    assert inside({"kind": "trait", "name": "vip", "value": True}) == {"three"}
    assert inside({"kind": "trait", "name": "vip", "op": "is_not", "value": True}) == {"text"}
    assert inside({"kind": "trait", "name": "tags", "op": "contains", "value": "b"}) == {"three", "text"}
    assert inside({"kind": "trait", "name": "level", "op": "in", "value": [1, 3]}) == {"three"}
    assert inside({"kind": "trait", "name": "level", "op": "missing"}) == {"none"}
    assert inside({"kind": "trait", "name": "level"} | {"op": "exists"}) == {"three", "text"}


def test_none_of_includes_those_of_whom_nothing_is_known():
    known("gold", level="gold")
    known("nothing")
    assert inside({"kind": "trait", "name": "level", "value": "gold"}, kind="not") == {"nothing"}


def test_groups_nest():
    known("a", walletKind="soft", level=1)
    known("b", walletKind="soft", level=2)
    known("c", walletKind="hard", level=2)
    assert inside(
        {"kind": "field", "name": "wallet_kind", "value": "soft"},
        {"kind": "any", "of": [{"kind": "trait", "name": "level", "value": each} for each in (2, 3)]},
    ) == {"b"}


def test_a_segment_without_conditions_is_everybody():
    known("a")
    known("b")
    assert inside() == {"a", "b"}


def test_reach_needs_an_address_that_nobody_refused():
    known("sms", phone=PHONE)
    refused = known("refused", phone=OTHER_PHONE)
    known("mail", email=EMAIL)
    services.suppress(customer_id=refused, channel="sms", reason="asked", source="test", at=NOW)
    known("shares", phone=OTHER_PHONE)
    assert inside({"kind": "reachable", "channel": "sms"}) == {"sms"}
    assert inside({"kind": "reachable", "channel": "email"}) == {"mail"}
    assert inside({"kind": "reachable", "channel": "phone"}) == {"sms", "refused", "shares"}


@pytest.mark.parametrize("channel", ["*", "in_app", "sms", "email", "push", "im", "phone", "webhook"])
def test_consent_stands_as_it_does_at_the_last_gate(channel: str):
    """Every pair of a word on all channels and one on SMS, in both orders of time."""
    purpose = "service_follow_up"
    for number, (every, sms, is_sms_later) in enumerate(
        (every, sms, later)
        for every in (None, True, False)
        for sms in (None, True, False)
        for later in (0, 1)
    ):
        customer_id = known(f"W-{number}")
        said = [("*", every, 5), ("sms", sms, 6 if is_sms_later else 4)]
        for where, given, minute in said:
            if given is not None:
                services.record_consent(
                    customer_id=customer_id,
                    purpose=purpose,
                    channel=where,
                    given=given,
                    source="test",
                    at=minutes(minute),
                )
    everybody = queries.segment_members(segment_id=made(), limit=100)
    standing = queries.standings(customer_ids=everybody)
    expected = {
        each.external_id
        for each in standing.values()
        if (channel in each.consented_channels or (channel == "*" and each.consented_channels))
    }
    assert inside({"kind": "consent", "channel": channel}) == expected
    assert len(everybody) == 18 and len(expected) >= 6


def test_who_asked_to_be_left_alone_is_found_until_it_is_lifted():
    alone = consented("alone")
    consented("not")
    services.suppress(customer_id=alone, reason="asked", source="test", at=NOW)
    assert inside({"kind": "left_alone"}) == {"alone"}
    services.lift_suppression(customer_id=alone, source="test", at=NOW)
    assert inside({"kind": "left_alone"}) == set()


def test_days_are_counted_from_now():
    apply(event(customer="old", at=NOW - timedelta(days=40)), event(customer="new", at=NOW))
    known("ends", contract_end="2026-12-01", odd="31/12/2026")
    known("ended", contract_end="2026/11/01 08:00")
    last = {"kind": "when", "what": "last_seen_at"}
    assert inside({**last, "from_days": -30}) == {"new", "ends", "ended"}
    assert inside({**last, "until_days": -30}) == {"old"}
    ends = {"kind": "when", "what": "trait:contract_end"}
    assert inside({**ends, "from_days": 0, "until_days": 30}) == {"ends"}
    assert inside({**ends, "until_days": -1}) == {"ended"}
    assert inside({"kind": "when", "what": "trait:odd", "from_days": -3000}) == set()


def test_what_was_done_counts_with_its_amounts_and_times():
    for customer, times, days in (("once", 1, 1), ("often", 3, 40)):
        for number in range(times):
            at = NOW - timedelta(days=days, hours=number)
            apply(event(customer=customer, at=at, properties={"amount": 100}))
    known("never")
    did = {"kind": "did", "event": "Payment Completed"}
    assert inside(did) == {"once", "often"}
    assert inside({**did, "at_least": 2}) == {"often"}
    assert inside({**did, "at_least": 0, "at_most": 1}) == {"once", "never"}
    assert inside({**did, "at_least": 0, "at_most": 0}) == {"never"}
    assert inside({**did, "amount_at_least": 150}) == {"often"}
    assert inside({**did, "at_least": 0, "amount_at_most": 150}) == {"once", "never"}
    assert inside({**did, "within_days": 30}) == {"once"}
    assert inside({**did, "at_least": 0, "at_most": 0, "within_days": 30}) == {"often", "never"}
    assert inside({**did, "first_within_days": 30}) == {"once"}
    assert inside({**did, "last_before_days": 30}) == {"often"}


def test_values_that_try_to_be_sql_are_values():
    known("W'1", level="'; DROP TABLE customers_customer; --")
    evil = "'; DROP TABLE customers_customer; --"
    assert inside({"kind": "trait", "name": "level", "value": evil}) == {"W'1"}
    for name in (evil, "a%sb", "%(x)s", "\\", 'a"b', "x' OR 1=1 --"):
        assert inside({"kind": "trait", "name": name, "op": "exists"}) == set()
        assert inside({"kind": "did", "event": name}) == set()
        assert inside({"kind": "when", "what": f"trait:{name}", "from_days": 1}) == set()


@pytest.mark.parametrize(
    "where",
    [
        {"kind": "drop"},
        {"kind": "field", "name": "external_id; --", "value": "x"},
        {"kind": "field", "name": "wallet_kind", "op": "at_least", "value": 3},
        {"kind": "trait", "name": "a", "op": "in", "value": []},
        {"kind": "when", "what": "erased_at", "from_days": 1},
        {"kind": "when", "what": "last_seen_at"},
        {"kind": "when", "what": "last_seen_at", "from_days": 2, "until_days": 1},
        {"kind": "did", "event": "x", "at_least": 3, "at_most": 2},
        {"kind": "did", "event": "x", "where": [{"name": "a", "value": "b"}]},
        {"kind": "all", "of": [{"kind": "left_alone"}] * 51},
        [],
    ],
)
def test_what_is_no_condition_is_refused(where: object):
    with pytest.raises(FaultySegmentError):
        definition.read({"where": where})


def test_a_tree_without_end_is_refused():
    deep: dict[str, object] = {"kind": "left_alone"}
    for _ in range(500):
        deep = {"kind": "all", "of": [deep]}
    with pytest.raises(FaultySegmentError):
        definition.read({"where": deep})


def test_pages_follow_each_other_without_gap_or_repeat():
    keys = sorted(known(f"W-{number}") for number in range(7))
    segment_id, after, seen = made(), None, []
    while page := queries.segment_members(segment_id=segment_id, after=after, limit=3):
        seen += page
        after = page[-1]
    assert seen == keys
    asked = [keys[1], CustomerId(999_999)]
    assert queries.members_among(segment_id=segment_id, customer_ids=asked) == {keys[1]}


def test_a_count_is_exact_up_to_its_bound_and_about_beyond():
    for number in range(25):
        known(f"W-{number}", level=number % 2)
    condition = definition.read({"where": {"kind": "trait", "name": "level", "value": 1}}).where
    assert members.count(condition, now=NOW) == members.SegmentCount(number=12, is_exact=True)
    about = members.count(condition, now=NOW, exact_max=5)
    assert not about.is_exact and about.number == 12


def test_a_count_that_takes_too_long_is_taken_from_a_sample(monkeypatch: pytest.MonkeyPatch):
    known("W-1")
    real, asked = members._timed, []

    def slow(sql, values, *, seconds):
        asked.append(sql)
        return (
            real("SELECT pg_sleep(5)", [], seconds=0.05) if len(asked) == 1 else real(sql, values, seconds=5)
        )

    monkeypatch.setattr(members, "_timed", slow)
    count = members.count(definition.read({"where": {"kind": "all", "of": []}}).where, now=NOW)
    assert count == members.SegmentCount(number=1, is_exact=False)


def test_an_erased_customer_is_in_no_segment():
    from huifang.customers import personal_data

    gone = known("gone")
    known("here")
    personal_data.erase(customer_id=gone, now=NOW)
    assert inside() == {"here"}


def test_an_unknown_segment_is_refused():
    for number in (0, 77, 2**70):
        with pytest.raises(UnknownSegmentError):
            queries.segment_members(segment_id=number, limit=1)


def test_addresses_are_opened_in_two_statements(django_assert_num_queries):
    one, two, three = known("a", phone=PHONE), known("b", phone=OTHER_PHONE), known("c", email=EMAIL)
    with django_assert_num_queries(2):
        found = queries.addresses(customer_ids=[one, two, three], channel="sms")
    assert found == {one: PHONE, two: OTHER_PHONE}
    assert queries.addresses(customer_ids=[one], channel="in_app") == {}


def test_an_identify_changes_who_is_in():
    apply(identify(customer="W-1", at=minutes(0), level=1))
    assert inside({"kind": "trait", "name": "level", "value": 2}) == set()
    apply(identify(customer="W-1", at=minutes(1), level=2))
    assert inside({"kind": "trait", "name": "level", "value": 2}) == {"W-1"}
