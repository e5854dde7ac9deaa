"""What goes when the storage period is over, what stays, and that no budget is widened by it."""

from datetime import timedelta

import pytest
from django.db import transaction
from tests.contract.delivery.providers import HttpProvider
from tests.integration.delivery import people
from tests.integration.delivery.conftest import Clock
from tests.integration.delivery.makers import wanted

from huifang.delivery import personal_data, pruning, sender, services
from huifang.delivery.models import Attempt, ProviderNotice, Reply, Slot, WebhookDelivery, WebhookEndpoint
from huifang.delivery.records import BudgetSpent
from huifang.kernel import vault
from huifang.kernel.ids import CustomerId

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _from_the_beginning() -> None:
    pruning._cleared_up_to.clear()


def sent(now: Clock, sms: HttpProvider) -> Attempt:
    people.sms_account(sms.url, now.at)
    with transaction.atomic():
        attempt_id = services.enqueue(attempt=wanted(customer_id=people.customer(now.at)), now=now.at)
    sender.send_batch("sms")
    return Attempt.objects.get(pk=attempt_id)


def replied(attempt: Attempt, now: Clock) -> Reply:
    sealed = vault.seal("很好".encode(), context="delivery/reply")
    return Reply.objects.create(
        attempt=attempt,
        customer_id=attempt.customer_id,
        channel="sms",
        sealed_text=sealed,
        received_at=now.at,
    )


def test_slots_stay_as_long_as_their_window_and_go_a_day_after(now: Clock, sms: HttpProvider) -> None:
    attempt = sent(now, sms)
    before = Slot.objects.count()
    assert before > 0
    now.forward(timedelta(hours=20))
    pruning.prune(now=now.at)
    assert Slot.objects.count() == before
    with transaction.atomic():
        found = services.enqueue_many(attempts=[wanted(2, customer_id=attempt.customer_id)], now=now.at)
    assert isinstance(found[0], BudgetSpent)
    now.forward(timedelta(days=400))
    pruning.prune(now=now.at)
    assert Slot.objects.count() == 0
    assert Attempt.objects.filter(handed_over_at__isnull=False).count() == 1


def test_a_slot_under_way_is_never_taken(now: Clock) -> None:
    with transaction.atomic():
        services.enqueue(
            attempt=wanted(customer_id=people.customer(now.at), not_after=now.at + timedelta(days=900)),
            now=now.at,
        )
    before = Slot.objects.count()
    pruning.prune(now=now.forward(timedelta(days=800)))
    assert Slot.objects.count() == before
    assert Attempt.objects.get().variables


def test_words_replies_and_told_facts_go_when_their_time_is_over(now: Clock, sms: HttpProvider) -> None:
    attempt = sent(now, sms)
    replied(attempt, now)
    endpoint = WebhookEndpoint.objects.create(
        name="x", url="https://x.example", kinds=[], sealed_secrets=b"", created_at=now.at
    )
    WebhookDelivery.objects.create(
        endpoint=endpoint, message_id="m", kind="k", body="{}", state="delivered",
        created_at=now.at, due_at=now.at, settled_at=now.at,
    )  # fmt: skip
    pruning.prune(now=now.forward(timedelta(days=29)))
    attempt.refresh_from_db()
    assert attempt.variables
    assert WebhookDelivery.objects.count() == 1
    now.forward(timedelta(days=400))
    assert pruning.prune(now=now.at) > 0
    attempt.refresh_from_db()
    assert (attempt.variables, attempt.address_index, attempt.cleared_at) == ({}, None, now.at)
    assert bytes(Reply.objects.get().sealed_text) == b""
    assert WebhookDelivery.objects.count() == 0
    assert pruning.prune(now=now.at) == 0


def test_one_customer_is_exported_whole_and_erased_whole(now: Clock, sms: HttpProvider) -> None:
    attempt = sent(now, sms)
    replied(attempt, now)
    whose = CustomerId(attempt.customer_id)
    told = personal_data.export(customer_id=whose)
    assert told["replies"][0]["text"] == "很好"  # type: ignore[index]
    assert told["attempts"][0]["variables"] == attempt.variables  # type: ignore[index]
    personal_data.erase(customer_id=whose, now=now.at)
    assert not Reply.objects.exists()
    assert not ProviderNotice.objects.exists()
    attempt.refresh_from_db()
    assert (attempt.variables, attempt.choices, attempt.address_index) == ({}, None, None)
    assert personal_data.export(customer_id=whose)["replies"] == []
