"""A no by any route holds on all channels, follows the address, and is undone only by the customer's word."""

import pytest
from django.test import Client
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
from huifang.customers.models import Suppression
from huifang.kernel import audit
from huifang.kernel.ids import CustomerId

pytestmark = pytest.mark.django_db


def suppressed(customer_id: CustomerId) -> set[str]:
    return set(queries.standings(customer_ids=[customer_id])[customer_id].suppressed_channels)


def contactable(customer_id: CustomerId) -> set[str]:
    """Channels on which nothing stands against contact."""
    standing = queries.standings(customer_ids=[customer_id])[customer_id]
    if "*" in standing.suppressed_channels:
        return set()
    return set((standing.consented_channels & standing.reachable_channels) - standing.suppressed_channels)


def _by_reply(_: CustomerId) -> None:
    services.refuse_by_address(kind="phone", address="138 0000 0421", source="sms:reply", at=NOW)


def _by_mail_reply(_: CustomerId) -> None:
    services.refuse_by_address(kind="email", address="LIN@example.com", source="email:reply", at=NOW)


def _by_staff(customer_id: CustomerId) -> None:
    services.refuse_for_customer(customer_id=customer_id, note="said on a call", by="person:1", now=NOW)


def _by_event(_: CustomerId) -> None:
    apply(event(name="Consent Withdrawn", properties={"purpose": "service_follow_up"}))


def _by_page(customer_id: CustomerId) -> None:
    Client().post(queries.preference_path(customer_id=customer_id), {"off": "*"})


def _by_one_click(customer_id: CustomerId) -> None:
    path = queries.preference_path(customer_id=customer_id)
    Client(enforce_csrf_checks=True).post(f"{path}/unsubscribe", {"List-Unsubscribe": "One-Click"})


def _by_identify(_: CustomerId) -> None:
    apply(identify(consents=[{"purpose": "service_follow_up", "given": False}]))


ROUTES = [_by_reply, _by_mail_reply, _by_staff, _by_event, _by_page, _by_one_click, _by_identify]


@pytest.mark.parametrize("refuse", ROUTES)
def test_a_no_by_any_route_holds_on_all_channels(refuse):
    customer_id = consented(phone=PHONE, email=EMAIL)
    assert contactable(customer_id) == {"in_app", "webhook", "sms", "phone", "email"}
    refuse(customer_id)
    assert contactable(customer_id) == set()


@pytest.mark.parametrize("refuse", [_by_reply, _by_staff, _by_page, _by_one_click])
def test_a_refusal_overrides_consent_that_comes_later(refuse):
    customer_id = consented(phone=PHONE, email=EMAIL)
    refuse(customer_id)
    services.record_consent(
        customer_id=customer_id, purpose="service_follow_up", given=True, source="api", at=NOW
    )
    assert contactable(customer_id) == set()


def test_a_phone_shared_by_two_customers_silences_both_when_stop_comes_from_it():
    first, second = consented("W-1", phone=PHONE), consented("W-2", phone=PHONE)
    apply(event(customer="W-1", at=minutes(50)), event(customer="W-2", at=minutes(40)))
    assert services.refuse_by_address(kind="phone", address=PHONE, source="sms", at=NOW) == first
    assert (contactable(first), contactable(second)) == (set(), set())


def test_one_customers_own_no_silences_only_the_shared_number_for_the_other():
    first, second = consented("W-1", phone=PHONE), consented("W-2", phone=PHONE, email=EMAIL)
    services.suppress(customer_id=first, reason="asked", source="test", at=NOW)
    assert contactable(second) == {"in_app", "webhook", "email"}


def test_a_new_id_does_not_resurrect_a_refused_address():
    services.suppress(customer_id=consented(phone=PHONE), reason="asked", source="test", at=NOW)
    again = consented("W-new", phone=PHONE)
    assert suppressed(again) == {"sms", "phone"}
    report = services.import_customers(
        rows=[{"id": "W-imported", "phone": PHONE, "consent_service_follow_up": "yes"}], mapping={}, now=NOW
    )
    assert report.created == 1
    assert contactable(queries.profile(external_id="W-imported").id) == {"in_app", "webhook"}


def test_a_refusal_from_an_unknown_number_waits_for_its_owner():
    assert services.refuse_by_address(kind="phone", address=PHONE, source="sms", at=NOW) is None
    assert suppressed(consented(phone=PHONE)) == {"sms", "phone"}


def test_a_refusal_covers_an_address_that_the_customer_comes_to_have():
    customer_id = consented(phone=PHONE)
    services.suppress(customer_id=customer_id, reason="asked", source="test", at=NOW)
    apply(identify(phone=OTHER_PHONE, at=minutes(59)))
    assert suppressed(consented("W-other", phone=OTHER_PHONE)) == {"sms", "phone"}


def test_a_refusal_of_one_channel_leaves_the_others():
    customer_id = consented(phone=PHONE, email=EMAIL)
    services.suppress(customer_id=customer_id, channel="sms", reason="asked", source="test", at=NOW)
    assert contactable(customer_id) == {"in_app", "webhook", "phone", "email"}
    assert suppressed(consented("W-2", phone=PHONE, email=EMAIL)) == {"sms"}


def test_lifting_brings_back_what_was_consented_to_and_no_more():
    customer_id = consented(phone=PHONE)
    services.suppress(customer_id=customer_id, reason="asked", source="test", at=minutes(5))
    assert services.lift_suppression(customer_id=customer_id, source="page", at=minutes(6)) is True
    assert contactable(customer_id) == {"in_app", "webhook", "sms", "phone"}
    assert services.lift_suppression(customer_id=customer_id, source="page", at=minutes(7)) is False
    assert suppressed(consented("W-2", phone=PHONE)) == set()


def test_one_customer_cannot_lift_the_refusal_of_another():
    first, second = consented("W-1", phone=PHONE), consented("W-2", phone=PHONE)
    services.suppress(customer_id=first, reason="asked", source="test", at=minutes(5))
    services.lift_suppression(customer_id=second, source="page", at=minutes(6))
    assert contactable(first) == set()
    assert suppressed(second) == {"sms", "phone"}


def test_a_repeated_refusal_is_written_once():
    customer_id = consented(phone=PHONE)
    for number in range(3):
        services.suppress(customer_id=customer_id, reason="asked", source="test", at=minutes(5 + number))
    assert [entry.act for entry in queries.consent_entries(customer_id=customer_id)] == ["refused", "given"]
    assert Suppression.objects.count() == 2  # the customer, and the number


def test_a_refusal_by_ones_own_address_is_told_once():
    customer_id = consented(phone=PHONE)
    services.refuse_by_address(kind="phone", address=PHONE, source="sms_reply", at=NOW)
    told = queries.suppressions(customer_id=customer_id)
    assert [(each.source, each.by_address) for each in told] == [("sms_reply", False)]
    later = consented("W-2", phone=PHONE)
    assert {each.by_address for each in queries.suppressions(customer_id=later)} == {True}


def test_nonsense_as_an_address_refuses_nobody():
    assert services.refuse_by_address(kind="phone", address="STOP", source="sms", at=NOW) is None
    assert Suppression.objects.count() == 0


def test_revealing_leaves_a_trace():
    customer_id = known(phone=PHONE)
    assert services.reveal(customer_id=customer_id, kind="phone", by="person:7", now=NOW) == PHONE
    entry = audit.entries(subject=f"customer:{customer_id}")[0]
    assert (entry.actor, entry.action, entry.facts) == ("person:7", "customer.revealed", {"kind": "phone"})
