"""Events become customers: profiles, aliases, activity. Each counts once, in order, whatever the batches."""

from datetime import timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase
from tests.integration.customers.makers import (
    NOW,
    OTHER_PHONE,
    PHONE,
    apply,
    event,
    identify,
    known,
    minutes,
)

from huifang.customers import queries, services
from huifang.customers.errors import UnknownCustomerError
from huifang.customers.models import Activity, ContactPoint, Customer

pytestmark = pytest.mark.django_db


def test_the_first_sight_of_an_id_makes_the_customer():
    apply(event(customer="W-9", at=minutes(3)), event(customer="W-9", at=minutes(1)))
    profile = queries.profile(external_id="W-9")
    assert (profile.first_seen_at, profile.last_seen_at) == (minutes(1), minutes(3))
    assert profile.language == profile.time_zone == profile.masked_name == ""


def test_nth_counts_within_a_batch_and_over_batches():
    first, second, other = event(at=minutes(1)), event(at=minutes(2)), event(name="Top Up Completed")
    assert apply(first, other, second) == [
        (first.message_id, 1),
        (other.message_id, 1),
        (second.message_id, 2),
    ]
    third = event()
    assert apply(third) == [(third.message_id, 3)]


def test_an_identify_has_no_nth():
    stated = identify(language="en")
    assert apply(stated) == [(stated.message_id, 0)]


def test_activity_keeps_times_and_the_sum_of_amounts():
    apply(
        event(at=minutes(5), properties={"amount": 12.5}),
        event(at=minutes(2), properties={"amount": "7.25"}),
        event(at=minutes(3), properties={"amount": "lots"}),
        event(at=minutes(4), properties={"amount": float("nan")}),
    )
    customer_id = queries.profile(external_id="W-1").id
    activity = queries.activity(customer_ids=[customer_id], names=["Payment Completed", "Never"])
    assert list(activity) == [(customer_id, "Payment Completed")]
    seen = activity[customer_id, "Payment Completed"]
    assert (seen.count, seen.first_at, seen.last_at) == (4, minutes(2), minutes(5))
    assert seen.amount_sum == Decimal("19.75")


def test_an_event_dated_in_the_future_does_not_push_last_seen_past_now():
    apply(event(at=NOW + timedelta(days=300)))
    assert queries.profile(external_id="W-1").last_seen_at == NOW


def test_identify_fills_the_profile_and_seals_what_is_personal():
    apply(
        identify(
            walletKind="hard",
            locale="zh_CN",
            timezone="Asia/Urumqi",
            country="CN",
            region="新疆",
            registeredAt="2026-08-20T08:00:00Z",
            phone="138 0000 0421",
            email="Lin@Example.com",
            name="林小满",
            tier="gold",
        )
    )
    profile = queries.profile(external_id="W-1")
    assert (profile.wallet_kind, profile.language, profile.region) == ("hard", "zh-Hans", "新疆")
    assert (profile.time_zone, profile.time_zone_source) == ("Asia/Urumqi", "stated")
    assert profile.masked_name == "林**"
    assert profile.traits == {"tier": "gold"}
    assert profile.registered_at is not None and profile.registered_at.isoformat()[:10] == "2026-08-20"
    masked = {point.kind: point.masked for point in queries.contact_points(customer_id=profile.id)}
    assert masked == {"phone": "138****0421", "email": "L***@example.com"}
    assert queries.address(customer_id=profile.id, channel="sms") == PHONE
    assert queries.address(customer_id=profile.id, channel="email") == "Lin@example.com"
    with connection.cursor() as cursor:
        cursor.execute("SELECT position('138000'::bytea IN sealed) FROM customers_contactpoint")
        assert cursor.fetchall() == [(0,), (0,)]


def test_a_country_with_one_zone_gives_the_zone_and_one_with_many_does_not():
    apply(identify(customer="cn", country="CN"), identify(customer="sg", country="sg"))
    apply(identify(customer="us", country="US"), identify(customer="none", city="Shanghai"))
    zones = {
        name: (
            queries.profile(external_id=name).time_zone,
            queries.profile(external_id=name).time_zone_source,
        )
        for name in ("cn", "sg", "us", "none")
    }
    assert zones == {
        "cn": ("Asia/Shanghai", "country"),
        "sg": ("Asia/Singapore", "country"),
        "us": ("", ""),
        "none": ("", ""),
    }


def test_a_stated_zone_wins_over_the_country_and_nonsense_changes_nothing():
    apply(identify(country="CN", timezone="Europe/Paris", language="en", at=minutes(1)))
    apply(identify(timezone="Mars/Base", language="??", walletKind="liquid", phone="12", at=minutes(2)))
    profile = queries.profile(external_id="W-1")
    assert (profile.time_zone, profile.language, profile.wallet_kind) == ("Europe/Paris", "en", "")
    assert queries.contact_points(customer_id=profile.id) == []


def test_a_late_identify_fills_gaps_but_overrides_nothing_newer():
    apply(identify(language="en", phone=PHONE, tier="gold", at=minutes(10)))
    apply(identify(language="zh-CN", phone=OTHER_PHONE, tier="base", wallet_kind="soft", at=minutes(5)))
    profile = queries.profile(external_id="W-1")
    assert (profile.language, profile.wallet_kind, profile.traits) == ("en", "soft", {"tier": "gold"})
    assert queries.address(customer_id=profile.id, channel="sms") == PHONE
    assert ContactPoint.objects.count() == 1


def test_a_new_number_retires_the_old_and_the_old_can_come_back():
    customer_id = known(phone=PHONE)
    apply(identify(phone=OTHER_PHONE, at=minutes(2)))
    assert queries.address(customer_id=customer_id, channel="phone") == OTHER_PHONE
    apply(identify(phone=PHONE, at=minutes(3)))
    assert queries.address(customer_id=customer_id, channel="phone") == PHONE
    assert ContactPoint.objects.count() == 2


def test_a_dead_contact_point_stays_dead_when_it_is_stated_again():
    customer_id = known(phone=PHONE)
    services.retire_contact_point(customer_id=customer_id, channel="sms", reason="bounced", at=minutes(2))
    apply(identify(phone=PHONE, at=minutes(3)))
    assert queries.address(customer_id=customer_id, channel="sms") is None
    assert queries.standings(customer_ids=[customer_id])[customer_id].reachable_channels == {
        "in_app",
        "webhook",
    }


def test_registered_sets_the_day_of_registration_unless_it_is_known():
    apply(event(name="Registered", at=minutes(4)))
    assert queries.profile(external_id="W-1").registered_at == minutes(4)
    apply(identify(customer="W-2", registeredAt=minutes(1).isoformat(), at=minutes(1)))
    apply(event(name="Registered", customer="W-2", at=minutes(5)))
    assert queries.profile(external_id="W-2").registered_at == minutes(1)


def test_anonymous_events_count_once_their_customer_is_known():
    early = event(customer="", anonymous="a-1", at=minutes(1))
    assert apply(early) == []
    linked = identify(anonymous="a-1", at=minutes(2))
    late = event(customer="", anonymous="a-1", at=minutes(3))
    assert apply(linked, late) == [(linked.message_id, 0), (late.message_id, 1)]
    later = event(customer="", anonymous="a-1", at=minutes(4))
    assert apply(later) == [(later.message_id, 2)]
    assert queries.anonymous_ids(customer_id=queries.profile(external_id="W-1").id) == ["a-1"]


def test_an_alias_links_the_previous_id_but_never_another_customer():
    known("W-2")
    apply(event("alias", customer="W-1", properties={"previousId": "visitor-7"}))
    apply(event("alias", customer="W-1", properties={"previousId": "W-2"}))
    profile = queries.profile(external_id="W-1")
    assert queries.anonymous_ids(customer_id=profile.id) == ["visitor-7"]


def test_a_shared_device_belongs_to_whoever_signed_in_last():
    apply(identify(customer="W-1", anonymous="tablet", at=minutes(1)))
    apply(identify(customer="W-2", anonymous="tablet", at=minutes(5)))
    apply(identify(customer="W-1", anonymous="tablet", at=minutes(3)))
    assert queries.anonymous_ids(customer_id=queries.profile(external_id="W-2").id) == ["tablet"]


HOSTILE = ["x" * 5000, "a\0b", "\ud800", "   ", "line\nbreak"]


@pytest.mark.parametrize("external_id", HOSTILE, ids=["5 kB", "null byte", "surrogate", "blank", "newline"])
def test_an_id_that_cannot_be_used_is_left_out_and_its_neighbours_are_not(external_id):
    good = event()
    assert apply(event(customer=external_id), good) == [(good.message_id, 1)]
    with pytest.raises(UnknownCustomerError):
        queries.profile(external_id=external_id)


@pytest.mark.parametrize(
    "external_id", ["مستخدم-٧", "👩‍👩‍👧🏽", "a/b?c=d#e", "'; DROP TABLE x; --", "../..", "é" * 255]
)
def test_ids_in_any_script_are_kept_as_they_are(external_id):
    apply(event(customer=external_id))
    assert queries.profile(external_id=external_id).external_id == external_id


def test_hostile_traits_are_cleaned_or_dropped():
    apply(
        identify(
            **{
                "nul\0key": "a\0b",
                "surrogate": "\ud800x",
                "k" * 5000: 1,
                "long": "y" * 5000,
                "huge": 10**40,
                "infinite": float("inf"),
                "nested": {"a": 1},
                "list": ["a", 1, None, ["b"]],
                "name": ["not", "a", "name"],
                "email": "a@b",
                "phone": {"country": 86},
                "consents": "all of them",
                "cardNumber": "6222000011112222",
            }
        )
    )
    traits = queries.profile(external_id="W-1").traits
    assert traits == {
        "nul key": "a b",
        "surrogate": "x",
        "long": "y" * 500,
        "huge": "1" + "0" * 39,
        "list": ["a", 1],
    }
    assert queries.profile(external_id="W-1").masked_name == ""


def test_a_batch_costs_the_same_number_of_statements_whatever_its_size():
    def statements(size: int) -> int:
        batch = [event(customer=f"B{size}-{number % 50}") for number in range(size)]
        with CaptureQueriesContext(connection) as captured:
            apply(*batch)
        return len(captured)

    assert statements(20) == statements(2000)


class AnyBatching(TestCase):
    """Cuts one stream of events into batches at random."""

    @settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
    @given(
        stream=st.lists(st.tuples(st.sampled_from("ABC"), st.sampled_from(["Pay", "Send"])), max_size=30),
        cuts=st.sets(st.integers(0, 30)),
    )
    def test_nth_is_right_under_any_batching(self, stream, cuts):
        """However a stream is cut, the nth event of a name by a customer says n."""
        Activity.objects.all().delete()
        Customer.objects.all().delete()
        got: list[int] = []
        edges = [0, *sorted(cut for cut in cuts if cut < len(stream)), len(stream)]
        for start, end in pairwise(edges):
            batch = [event(customer=who, name=name) for who, name in stream[start:end]]
            got += [nth for _, nth in apply(*batch)]
        assert got == [stream[: place + 1].count(stream[place]) for place in range(len(stream))]
