"""Two ids, one customer: what either refused holds, nothing is lost, and the gone id leads on."""

import threading
from datetime import timedelta

import pytest
from django.db import connection, transaction
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

from huifang.customers import personal_data, queries, services
from huifang.customers.errors import SameCustomerError, UnknownCustomerError, UnknownProposalError
from huifang.customers.models import Customer, Merge
from huifang.kernel import audit, outbox
from huifang.kernel.models import OutboxEntry

pytestmark = pytest.mark.django_db
FOLLOW_UP = "service_follow_up"


def merged(kept: str = "A", gone: str = "B") -> int:
    return services.merge_customers(kept=kept, gone=gone, by="person:1", now=NOW)


def facts(kind: str) -> list[dict[str, object]]:
    """What was announced of one kind, once whatever the number of listeners."""
    rows = OutboxEntry.objects.filter(fact_type=kind).order_by("id")
    first = rows.values_list("listener", flat=True).first()
    return [row.payload for row in rows.filter(listener=first)]


def test_the_gone_id_leads_to_who_was_kept():
    a, b = known("A", level=1), known("B")
    assert merged() == a
    assert queries.profile(external_id="B").external_id == "A"
    assert queries.ids_of(external_ids=["A", "B"]) == {"A": a, "B": a}
    assert queries.profiles(customer_ids=[b])[b].id == a
    assert queries.standings(customer_ids=[b])[b].customer_id == a
    token = queries.preference_path(customer_id=b).rpartition("/")[2]
    profile = queries.read_preference_token(token=token)
    assert profile is not None and profile.id == a
    assert queries.former_ids(customer_id=a) == ["B"]
    assert [row.profile.external_id for row in queries.search(wanted=queries.CustomerFilter()).rows] == ["A"]


def test_events_and_imports_under_the_gone_id_count_for_who_was_kept():
    a, _ = known("A"), known("B")
    apply(event(customer="A"), event(customer="B"), event(customer="B"))
    merged()
    assert apply(event(customer="B"))[0][1] == 4
    services.import_customers(rows=[{"id": "B", "level": "gold"}], mapping={}, now=NOW)
    assert queries.profile(external_id="A").traits["level"] == "gold"
    assert queries.activity(customer_ids=[a], names=["Payment Completed"])[a, "Payment Completed"].count == 4
    assert Customer.objects.count() == 2


def test_activity_adds_up_from_first_to_last():
    a, _ = known("A"), known("B")
    for customer, days, amount in (("A", 3, 10), ("B", 9, 20), ("B", 1, 30)):
        apply(event(customer=customer, at=NOW - timedelta(days=days), properties={"amount": amount}))
    merged()
    seen = queries.activity_of(customer_id=a)["Payment Completed"]
    assert (seen.count, seen.amount_sum) == (3, 60)
    assert (seen.first_at, seen.last_at) == (NOW - timedelta(days=9), NOW - timedelta(days=1))


def test_of_two_values_the_one_stated_later_counts():
    apply(identify(customer="A", at=minutes(5), walletKind="soft", level=1, name="Ada"))
    apply(identify(customer="B", at=minutes(9), walletKind="hard", city="上海"))
    apply(identify(customer="B", at=minutes(3), level=2, name="Bob", language="en"))
    merged()
    profile = queries.profile(external_id="A")
    assert (profile.wallet_kind, profile.language, profile.masked_name) == ("hard", "en", "A***")
    assert profile.traits == {"level": 1, "city": "上海"}


def test_contact_points_say_where_they_came_from_and_one_of_a_kind_is_active():
    a = known("A", phone=PHONE)
    apply(identify(customer="B", at=minutes(8), phone=OTHER_PHONE, email=EMAIL))
    b = queries.profile(external_id="B").id
    merged()
    assert queries.address(customer_id=a, channel="sms") == OTHER_PHONE
    assert queries.addresses(customer_ids=[a, b], channel="email") == {a: EMAIL, b: EMAIL}
    points = Customer.objects.get(pk=a).contact_points.order_by("kind", "state")
    assert list(points.values_list("kind", "state", "merged_from")) == [
        ("email", "active", b),
        ("phone", "active", b),
        ("phone", "retired", None),
    ]


def test_an_address_that_is_dead_for_one_is_dead():
    a = known("A", phone=PHONE)
    b = known("B", phone=PHONE)
    services.retire_contact_point(customer_id=b, channel="sms", reason="unreachable", at=NOW)
    merged()
    assert queries.address(customer_id=a, channel="sms") is None


@pytest.mark.parametrize(("one", "two"), [("A", "B"), ("B", "A")])
def test_a_refusal_of_either_holds(one: str, two: str):
    a = consented("A", phone=PHONE)
    consented("B", email=EMAIL)
    refused = queries.profile(external_id=two).id
    services.suppress(customer_id=refused, reason="asked", source="test", at=NOW)
    merged()
    standing = queries.standings(customer_ids=[a])[a]
    assert "*" in standing.suppressed_channels
    assert [row.reason for row in queries.suppressions(customer_id=a, include_lifted=False)] == ["asked"]


def test_what_was_refused_spreads_to_the_addresses_that_come_along():
    """The gone customer's number stays refused, also where a third customer turns up with it."""
    a = consented("A")
    consented("B", phone=PHONE)
    services.suppress(customer_id=a, channel="sms", reason="asked", source="test", at=NOW)
    merged()
    third = consented("C", phone=PHONE)
    assert "sms" in queries.standings(customer_ids=[third])[third].suppressed_channels


def test_consent_taken_back_by_either_is_taken_back_and_the_ledger_stays_whole():
    a = consented("A")
    b = consented("B")
    services.record_consent(customer_id=b, purpose=FOLLOW_UP, given=False, source="test", at=minutes(30))
    services.record_consent(customer_id=a, purpose="marketing", given=True, source="test", at=minutes(2))
    entries_before = services.verify_chain().entries
    merged()
    assert queries.standings(customer_ids=[a])[a].consented_channels == frozenset()
    assert "sms" in queries.standings(customer_ids=[a], purpose="marketing")[a].consented_channels
    report = services.verify_chain()
    assert report.breaks == () and report.entries == entries_before + 3
    acts = [(entry.act, entry.evidence) for entry in queries.consent_entries(customer_id=a)]
    assert ("merged", f"customer:{b}") in acts and ("merged", f"customer:{a}") in acts


def test_a_yes_of_one_who_was_never_asked_as_the_other_stands():
    a = known("A")
    consented("B")
    merged()
    assert "sms" in queries.standings(customer_ids=[a])[a].consented_channels
    assert services.verify_chain().breaks == ()


def test_the_customer_may_say_yes_again_afterwards():
    a = consented("A")
    b = consented("B")
    services.record_consent(customer_id=b, purpose=FOLLOW_UP, given=False, source="test", at=minutes(30))
    merged()
    services.record_consent(customer_id=b, purpose=FOLLOW_UP, given=True, source="test", at=NOW)
    assert "sms" in queries.standings(customer_ids=[a])[a].consented_channels
    assert services.verify_chain().breaks == ()


def test_rooms_above_are_told_twice_and_of_every_no_that_is_new():
    a, b = consented("A"), consented("B")
    services.suppress(customer_id=b, channel="sms", reason="asked", source="test", at=NOW)
    OutboxEntry.objects.all().delete()
    merged()
    assert [(fact["kept_id"], fact["gone_id"]) for fact in facts("CustomersMerged")] == [(a, b)]
    assert [(fact["customer_id"], fact["channel"]) for fact in facts("CustomerRefused")] == [(a, "sms")]
    later = NOW + timedelta(minutes=5)
    assert services.tell_merges_again(before=later, now=later) == 1
    assert services.tell_merges_again(before=later, now=later) == 0
    assert len(facts("CustomersMerged")) == 2


def said_to_be_one(kept: str = "A", gone: str = "B") -> None:
    apply(event("alias", customer=kept, properties={"previousId": gone}))
    outbox.relay(now=NOW + timedelta(days=4000))


def test_an_alias_of_two_customers_waits_for_a_person():
    a, b = known("A"), known("B")
    said_to_be_one()
    said_to_be_one()
    said_to_be_one("B", "A")
    assert queries.profile(external_id="B").id == b
    (asked,) = queries.merge_proposals()
    assert (asked.kept.id, asked.gone.id) == (a, b)
    assert [each.action for each in audit.entries(subject=f"customer:{a}")] == ["merge.proposed"]
    merged()
    assert queries.merge_proposals() == [] and queries.merge_proposal_count() == 0


def test_a_person_who_says_no_is_not_asked_again():
    known("A")
    known("B")
    said_to_be_one()
    services.dismiss_merge(proposal_id=queries.merge_proposals()[0].id, by="person:1", now=NOW)
    said_to_be_one()
    assert queries.merge_proposals() == [] and not Merge.objects.exists()
    with pytest.raises(UnknownProposalError):
        services.dismiss_merge(proposal_id=10**30, by="person:1", now=NOW)


def test_a_proposal_follows_who_was_merged_since_and_goes_with_who_was_erased():
    a, b, c = known("A"), known("B"), known("C")
    said_to_be_one("C", "B")
    merged("A", "B")
    assert [(each.kept.id, each.gone.id) for each in queries.merge_proposals()] == [(c, a)]
    personal_data.erase(customer_id=queries.profile(external_id="C").id, now=NOW)
    assert queries.merge_proposals() == [] and b != a


def test_an_alias_of_two_customers_merges_them_soon_after_where_the_operator_says_so(monkeypatch):
    monkeypatch.setattr(services, "MERGE_BY_ALIAS", "always")
    a, b = known("A"), known("B")
    said_to_be_one()
    assert queries.profile(external_id="B").id == a
    assert Merge.objects.get().gone_id == b
    apply(event("alias", customer="A", properties={"previousId": "B"}))
    assert facts("MergeAsked") == []


def test_an_identify_merges_nobody():
    known("A")
    known("B")
    apply(identify(customer="A", anonymous="B"))
    assert facts("MergeAsked") == []
    assert queries.profile(external_id="B").external_id == "B"


def test_chains_of_merges_lead_to_the_last():
    for name in "ABC":
        known(name)
    merged("B", "C")
    merged("A", "B")
    assert {queries.profile(external_id=name).external_id for name in "ABC"} == {"A"}
    assert Customer.objects.filter(kept__isnull=False).values_list("kept__external_id", flat=True)[0] == "A"
    assert merged("C", "A") == queries.profile(external_id="A").id
    assert Merge.objects.count() == 2


def test_merging_twice_changes_nothing_and_with_oneself_is_refused():
    known("A")
    known("B")
    merged()
    before = services.verify_chain().entries
    merged()
    assert services.verify_chain().entries == before
    with pytest.raises(SameCustomerError):
        merged("A", "A")
    with pytest.raises(SameCustomerError):
        queries.merge_preview(kept="A", gone="B")
    with pytest.raises(UnknownCustomerError):
        merged("A", "nobody")


def test_a_preview_says_what_will_happen():
    a, b = consented("A"), consented("B", phone=PHONE)
    services.record_consent(customer_id=b, purpose=FOLLOW_UP, given=False, source="test", at=minutes(9))
    services.suppress(customer_id=b, channel="email", reason="asked", source="test", at=NOW)
    apply(event(customer="B"), event(customer="B"))
    preview = queries.merge_preview(kept="A", gone="B")
    assert (preview.kept.id, preview.gone.id, preview.activity) == (a, b, 2)
    assert preview.refused == ("email",) and preview.lost == ((FOLLOW_UP, "*"),)
    assert [point.masked for point in preview.contact_points] == ["138****0421"]


def test_a_merge_is_in_the_audit_log():
    known("A")
    known("B")
    merged()
    assert audit.entries(limit=1)[0].action == "customer.merged"


def test_erasing_who_was_kept_erases_the_gone_id_too():
    a, b = known("A", name="Ada"), known("B")
    merged()
    assert personal_data.export(customer_id=a)["former_ids"] == ["B"]
    personal_data.erase(customer_id=b, now=NOW)
    assert not Customer.objects.filter(external_id__in=["A", "B"]).exists()
    assert services.verify_chain().breaks == ()
    fresh = known("B")
    assert fresh not in (a, b)


def in_threads(*runs) -> list[str]:
    """Run each at once; what went wrong, by name."""
    wrong: list[str] = []
    gate = threading.Barrier(len(runs))

    def do(run):
        gate.wait()
        try:
            run()
        except Exception as error:
            wrong.append(f"{type(error).__name__}: {error}")
        finally:
            connection.close()

    threads = [threading.Thread(target=do, args=(run,)) for run in runs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return wrong


@pytest.mark.django_db(transaction=True)
def test_events_that_arrive_while_merging_are_all_counted():
    a, _ = known("A"), known("B")

    def send(name: str):
        for _ in range(15):
            with transaction.atomic():
                apply(event(customer=name), event(customer="A" if name == "B" else "B"))

    wrong = in_threads(lambda: send("A"), lambda: send("B"), merged)
    assert wrong == []
    assert queries.activity_of(customer_id=a)["Payment Completed"].count == 60
    assert Customer.objects.filter(kept=None).count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_merges_that_cross_leave_one_customer():
    for round_number in range(4):
        one, two = f"one-{round_number}", f"two-{round_number}"
        known(one, phone=PHONE)
        known(two, email=EMAIL)
        wrong = in_threads(
            lambda one=one, two=two: merged(one, two), lambda one=one, two=two: merged(two, one)
        )
        assert wrong == []
        assert queries.profile(external_id=one).id == queries.profile(external_id=two).id
    assert Merge.objects.count() == 4
    assert services.verify_chain().breaks == ()


@pytest.mark.django_db(transaction=True)
def test_a_refusal_that_arrives_while_merging_holds():
    for number in range(4):
        a = consented(f"A{number}")
        b = consented(f"B{number}")
        wrong = in_threads(
            lambda number=number: merged(f"A{number}", f"B{number}"),
            lambda b=b: services.suppress(customer_id=b, reason="asked", source="test", at=NOW),
        )
        assert wrong == []
        assert "*" in queries.standings(customer_ids=[a])[a].suppressed_channels
    assert services.verify_chain().breaks == ()
