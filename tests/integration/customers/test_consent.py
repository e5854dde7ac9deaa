"""The consent ledger: what stands, what is written, and that nobody can change it unnoticed."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from tests.integration.customers.makers import apply, consented, event, identify, known, minutes

from huifang.customers import queries, services
from huifang.customers.errors import UnknownChannelError, UnknownCustomerError, UnknownPurposeError
from huifang.customers.models import ConsentEntry, ConsentState
from huifang.customers.records import CustomerRefused
from huifang.kernel import outbox
from huifang.kernel.ids import CustomerId

pytestmark = pytest.mark.django_db
ALL = {"in_app", "sms", "email", "push", "im", "phone", "webhook"}


@pytest.fixture
def facts(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The facts that are recorded while a test runs."""
    heard: list[Any] = []
    monkeypatch.setattr(outbox, "record", lambda *facts: heard.extend(facts))
    return heard


def channels(customer_id: CustomerId, purpose: str = "service_follow_up") -> set[str]:
    standing = queries.standings(customer_ids=[customer_id], purpose=purpose)[customer_id]
    return set(standing.consented_channels)


def acts(customer_id: CustomerId) -> list[tuple[str, str, str]]:
    return [
        (entry.act, entry.purpose, entry.channel)
        for entry in queries.consent_entries(customer_id=customer_id)
    ]


def test_nobody_has_consented_to_anything_at_first():
    assert channels(known()) == set()


def test_a_yes_to_all_channels_allows_each_and_only_for_its_purpose():
    customer_id = consented()
    assert channels(customer_id) == ALL
    assert channels(customer_id, "marketing") == set()


def test_a_no_on_one_channel_outlives_a_later_yes_to_all():
    customer_id = consented()
    say = {"customer_id": customer_id, "purpose": "service_follow_up", "source": "test"}
    services.record_consent(**say, channel="sms", given=False, at=minutes(2))
    services.record_consent(**say, given=True, at=minutes(3))
    assert channels(customer_id) == ALL - {"sms"}
    services.record_consent(**say, channel="sms", given=True, at=minutes(4))
    assert channels(customer_id) == ALL


def test_a_later_no_to_all_ends_a_yes_on_one_channel():
    customer_id = known()
    say = {"customer_id": customer_id, "purpose": "service_follow_up", "source": "test"}
    services.record_consent(**say, channel="sms", given=True, at=minutes(2))
    services.record_consent(**say, given=False, at=minutes(3))
    assert channels(customer_id) == set()


def test_the_wallet_cannot_undo_a_no_by_sending_its_old_copy_of_the_yes():
    yes = {"purpose": "service_follow_up", "given": True, "wording": "We may ask you."}
    customer_id = known(consents=[yes])
    services.record_consent(
        customer_id=customer_id, purpose="service_follow_up", given=False, source="page", at=minutes(5)
    )
    apply(identify(consents=[yes], at=minutes(10)))
    assert channels(customer_id) == set()
    apply(identify(consents=[yes | {"at": minutes(20).isoformat()}], at=minutes(20)))
    assert channels(customer_id) == ALL


def test_the_same_consents_sent_at_each_sign_in_are_written_once():
    consents = [{"purpose": "marketing", "given": True, "channel": "sms", "wording": "News?"}]
    customer_id = known(consents=consents)
    apply(*(identify(consents=consents, at=minutes(number)) for number in range(2, 9)))
    assert acts(customer_id) == [("given", "marketing", "sms")]


def test_events_of_consent_are_acts():
    apply(
        event(name="Consent Given", properties={"purpose": "marketing", "wording": "News?"}, at=minutes(1)),
        event(name="Consent Withdrawn", properties={"purpose": "marketing", "channel": "sms"}, at=minutes(2)),
    )
    customer_id = queries.profile(external_id="W-1").id
    assert channels(customer_id, "marketing") == ALL - {"sms"}
    assert queries.consent_entries(customer_id=customer_id)[1].wording == "News?"


def test_a_late_yes_does_not_undo_a_no_but_is_kept_as_history():
    no = event(name="Consent Withdrawn", properties={"purpose": "marketing"}, at=minutes(9))
    yes = event(name="Consent Given", properties={"purpose": "marketing"}, at=minutes(3))
    apply(no, yes)
    customer_id = queries.profile(external_id="W-1").id
    assert channels(customer_id, "marketing") == set()
    assert acts(customer_id) == [("given", "marketing", "*"), ("withdrawn", "marketing", "*")]


def test_a_yes_that_is_not_understood_is_none_and_such_a_no_means_all():
    apply(
        identify(consents=[{"purpose": "service_follow_up", "given": True}], at=minutes(1)),
        event(name="Consent Given", properties={"purpose": "anything"}, at=minutes(2)),
        event(name="Consent Given", properties={}, at=minutes(2)),
        event(name="Consent Given", properties={"purpose": "marketing", "channel": "fax"}, at=minutes(2)),
    )
    customer_id = queries.profile(external_id="W-1").id
    assert acts(customer_id) == [("given", "service_follow_up", "*")]
    apply(event(name="Consent Withdrawn", properties={"channel": "carrier pigeon"}, at=minutes(3)))
    assert channels(customer_id) == set()
    assert len(acts(customer_id)) == 4


def test_a_consent_dated_in_the_future_counts_from_now():
    customer_id = known(consents=[{"purpose": "marketing", "given": True, "at": "2099-01-01T00:00:00Z"}])
    apply(event(name="Consent Withdrawn", properties={"purpose": "marketing"}))
    assert channels(customer_id, "marketing") == set()


def test_a_withdrawal_is_announced_once_with_its_purpose(facts):
    customer_id = consented()
    for _ in range(2):
        services.record_consent(
            customer_id=customer_id, purpose="marketing", given=False, source="api", at=minutes(3)
        )
    assert facts == [
        CustomerRefused(
            customer_id=customer_id, channel="*", source="api", at=minutes(3), purpose="marketing"
        )
    ]


def test_what_cannot_be_consented_to_is_refused():
    say = {"given": True, "source": "test", "at": minutes(1)}
    customer_id = known()
    with pytest.raises(UnknownPurposeError):
        services.record_consent(customer_id=customer_id, purpose="anything", **say)
    with pytest.raises(UnknownChannelError):
        services.record_consent(customer_id=customer_id, purpose="marketing", channel="fax", **say)
    with pytest.raises(UnknownCustomerError):
        services.record_consent(customer_id=CustomerId(10**9), purpose="marketing", **say)


def test_the_ledger_refuses_to_be_edited():
    consented()
    for change in ("UPDATE customers_consententry SET act = 'given'", "DELETE FROM customers_consententry"):
        with (
            pytest.raises(DatabaseError, match="append_only"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(change)


def test_an_untouched_ledger_is_whole():
    for number in range(40):
        consented(f"W-{number}")
    report = services.verify_chain()
    assert (report.entries, report.breaks) == (40, ())


def tamper(sql: str) -> None:
    """Do as a database administrator can: switch the triggers off, edit, switch them on."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE customers_consententry DISABLE TRIGGER USER")
        cursor.execute(sql)
        cursor.execute("ALTER TABLE customers_consententry ENABLE TRIGGER USER")


def _swap(first: int, second: int) -> str:
    return f"""
        UPDATE customers_consententry SET position = -position WHERE position IN ({first}, {second});
        UPDATE customers_consententry SET position = {second} WHERE position = -{first};
        UPDATE customers_consententry SET position = {first} WHERE position = -{second}"""


TAMPERINGS: dict[str, tuple[str, set[str]]] = {
    "edit": ("UPDATE customers_consententry SET wording = 'more' WHERE position = 2", {"edited"}),
    "delete": ("DELETE FROM customers_consententry WHERE position = 2", {"missing"}),
    "reorder": (_swap(2, 3), {"edited"}),
    "cut off": ("DELETE FROM customers_consententry WHERE position = 4", {"truncated"}),
    "cut off with the head": (
        """DELETE FROM customers_consententry WHERE position = 4;
        UPDATE customers_consenthead SET length = 3,
          last_hash = (SELECT hash FROM customers_consententry WHERE position = 3)""",
        {"truncated"},
    ),
    "all gone": ("DELETE FROM customers_consententry; DELETE FROM customers_consenthead", {"state"}),
    "state turned": ("UPDATE customers_consentstate SET given = true", {"state"}),
}


@pytest.mark.parametrize(("sql", "found"), TAMPERINGS.values(), ids=TAMPERINGS)
def test_tampering_is_found(sql, found):
    customer_id = known()
    for number, given in enumerate([True, False, True, False], start=1):
        services.record_consent(
            customer_id=customer_id,
            purpose="marketing",
            given=given,
            source="test",
            at=minutes(number),
        )
    assert services.verify_chain().breaks == ()
    tamper(sql)
    assert found <= {each.what for each in services.verify_chain().breaks}


def test_what_stands_is_what_the_ledger_says_when_read_from_its_start():
    customer_id = consented()
    say: Callable[..., None] = services.record_consent
    for number, channel in enumerate(["sms", "*", "sms", "email"]):
        say(
            customer_id=customer_id,
            purpose="marketing",
            channel=channel,
            given=number % 2 == 0,
            source="test",
            at=minutes(9 - number),
        )
    for state in ConsentState.objects.all():
        of_key = ConsentEntry.objects.filter(
            customer_id=state.customer_id, purpose=state.purpose, channel=state.channel
        )
        assert of_key.order_by("-at").first().act == ("given" if state.given else "withdrawn")
