"""Taking attempts into the ledger: once by key, never over budget, whoever asks at the same time."""

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from tests.integration.delivery.makers import NOON, wanted

from huifang.delivery import ledger, queries, services
from huifang.delivery.errors import BudgetSpentError
from huifang.delivery.models import Attempt, Slot
from huifang.delivery.records import BudgetSpent
from huifang.kernel.ids import CustomerId

DAY = timedelta(days=1)


def take(*args: int, at: object = NOON, **changes: object) -> int:
    with transaction.atomic():
        return services.enqueue(attempt=wanted(*args, **changes), now=at)  # type: ignore[arg-type]


@pytest.mark.django_db
def test_asking_twice_with_one_key_makes_one_attempt() -> None:
    assert take(1) == take(1)
    assert Attempt.objects.count() == 1


@pytest.mark.django_db
def test_a_second_round_within_a_week_is_refused_with_the_cap_and_when_it_frees() -> None:
    ledger.close({take(1): NOON})
    Attempt.objects.update(state="accepted", handed_over_at=NOON)
    with pytest.raises(BudgetSpentError) as refused:
        take(2, at=NOON + timedelta(days=6))
    assert refused.value.facts == {"scope": "round/604800", "free_at": NOON + timedelta(days=7)}
    take(2, at=NOON + timedelta(days=7))


@pytest.mark.django_db
def test_an_attempt_under_way_holds_its_slots_however_long_it_waits() -> None:
    take(1)
    with pytest.raises(BudgetSpentError):
        take(2, at=NOON + timedelta(days=60))


@pytest.mark.django_db
def test_a_window_is_counted_from_the_hand_over_not_from_the_asking() -> None:
    first = take(1)
    late = NOON + timedelta(hours=20)
    Attempt.objects.filter(pk=first).update(state="accepted", handed_over_at=late)
    ledger.close({first: late})
    with pytest.raises(BudgetSpentError):
        take(1, 2, at=NOON + DAY + timedelta(minutes=1))
    take(1, 2, at=late + DAY)


@pytest.mark.django_db
def test_steps_of_one_round_take_one_place_in_the_cap_on_rounds() -> None:
    take(1)
    take(1, 2, channel="email")
    assert sorted(Slot.objects.values_list("scope", "slot")) == [
        ("contact/86400", 0),
        ("contact/86400", 1),
        ("gap", 0),
        ("gap", 0),
        ("round/2592000", 0),
        ("round/604800", 0),
        ("sms/86400", 0),
    ]


@pytest.mark.django_db
@pytest.mark.parametrize("contact_class", ["case", "security"])
def test_case_and_security_contacts_take_no_place(contact_class: str) -> None:
    take(1)
    take(2, contact_class=contact_class)
    assert Slot.objects.filter(round_key="enrolment:2").count() == 0


@pytest.mark.django_db
def test_an_attempt_that_never_went_out_gives_its_places_back() -> None:
    first = take(1)
    Attempt.objects.filter(pk=first).update(state="withheld")
    ledger.release([first])
    assert Slot.objects.count() == 0
    take(2)


@pytest.mark.django_db
def test_a_later_step_inherits_the_round_of_a_step_that_never_went_out() -> None:
    first, second = take(1), take(1, 2, channel="email")
    Attempt.objects.filter(pk=second).update(state="accepted", handed_over_at=NOON + DAY)
    ledger.close({second: NOON + DAY})
    Attempt.objects.filter(pk=first).update(state="withheld")
    ledger.release([first])
    assert sorted(Slot.objects.values_list("scope", "attempt_id")) == [
        ("contact/86400", second),
        ("gap", second),
        ("round/2592000", second),
        ("round/604800", second),
    ]
    with pytest.raises(BudgetSpentError):
        take(2, at=NOON + timedelta(days=8) - timedelta(seconds=1))
    take(2, at=NOON + timedelta(days=8))


@pytest.mark.django_db
def test_a_batch_counts_its_own_attempts_and_answers_in_order() -> None:
    batch = [wanted(1), wanted(2), wanted(3, customer_id=CustomerId(2)), wanted(1)]
    with transaction.atomic():
        results = services.enqueue_many(attempts=batch, now=NOON)
    assert isinstance(results[1], BudgetSpent)
    assert results[0] == results[3]
    assert results[2] == Attempt.objects.get(customer_id=2).pk


@pytest.mark.django_db
def test_a_contact_that_was_made_cannot_be_taken_out_of_the_ledger() -> None:
    first = take(1)
    Attempt.objects.filter(pk=first).update(state="delivered", handed_over_at=NOON)
    with pytest.raises(Exception, match="cannot be unmade"):
        Slot.objects.all().delete()


@pytest.mark.django_db
def test_a_slot_never_grows() -> None:
    ledger.close({take(1): NOON})
    with pytest.raises(Exception, match="only ever shrinks"):
        Slot.objects.filter(scope="sms/86400").update(during=(NOON, None))


@pytest.mark.django_db
def test_the_database_refuses_a_slot_that_is_taken_whoever_writes_it() -> None:
    attempt_id = take(1)
    taken = Slot.objects.get(scope="sms/86400")
    with pytest.raises(IntegrityError, match="delivery_slot_once"), transaction.atomic():
        Slot.objects.create(
            customer_id=1,
            scope="sms/86400",
            slot=0,
            round_key="other",
            attempt_id=attempt_id,
            window=taken.window,
            during=(NOON + DAY, None),
        )


@pytest.mark.django_db
def test_the_database_keeps_two_rounds_apart_by_the_gap() -> None:
    attempt_id = take(1)
    with pytest.raises(IntegrityError, match="delivery_slot_gap"), transaction.atomic():
        Slot.objects.create(
            customer_id=1,
            scope="gap",
            slot=0,
            round_key="other",
            attempt_id=attempt_id,
            window=timedelta(hours=4),
            during=(NOON + DAY, None),
        )


@pytest.mark.django_db
def test_a_slot_lost_to_somebody_else_is_budget_spent_and_its_neighbours_go_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """With the reading of the ledger blinded, the exclusion constraint alone holds the cap."""
    take(1)
    monkeypatch.setattr(ledger, "open_book", lambda *_, **__: ledger.Book(contacts={}, held={}))
    with transaction.atomic():
        results = services.enqueue_many(attempts=[wanted(2), wanted(3, customer_id=CustomerId(2))], now=NOON)
    assert results[0] == BudgetSpent(key="enrolment:2:step:1", scope="ledger")
    assert results[1] == Attempt.objects.get(customer_id=2).pk


@pytest.mark.django_db
def test_contacts_are_what_went_out_since_and_what_is_under_way() -> None:
    first = take(1)
    Attempt.objects.filter(pk=first).update(state="failed")
    ledger.release([first])
    second = take(2)
    Attempt.objects.filter(pk=second).update(state="unknown", handed_over_at=NOON)
    found = queries.contacts(customer_ids=[CustomerId(1)], since=NOON - DAY)
    assert [contact.round_key for contact in found[CustomerId(1)]] == ["enrolment:2"]
    assert queries.contacts(customer_ids=[CustomerId(1)], since=NOON) == {}


def at_once(runs: list[Callable[[], None]]) -> None:
    gate = threading.Barrier(len(runs))

    def start(run: Callable[[], None]) -> None:
        gate.wait()
        try:
            run()
        finally:
            connection.close()

    threads = [threading.Thread(target=start, args=(run,)) for run in runs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


@pytest.mark.django_db(transaction=True)
def test_of_four_plans_that_ask_at_once_one_reaches_the_customer() -> None:
    outcomes: list[str] = []

    def ask(number: int) -> None:
        try:
            take(number)
            outcomes.append("taken")
        except BudgetSpentError:
            outcomes.append("spent")

    at_once([lambda number=number: ask(number) for number in range(1, 5)])  # type: ignore[misc]
    assert sorted(outcomes) == ["spent", "spent", "spent", "taken"]
    assert Slot.objects.filter(scope="round/604800").count() == 1


@pytest.mark.django_db(transaction=True)
def test_one_key_asked_by_four_workers_at_once_is_one_attempt() -> None:
    ids: list[int] = []
    at_once([lambda: ids.append(take(1))] * 4)
    assert len(set(ids)) == 1
    assert Attempt.objects.count() == 1
