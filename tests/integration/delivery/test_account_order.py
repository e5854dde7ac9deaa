"""Which account sends: turns by weight at the head, the next one behind it when the head cannot."""

import itertools
from collections import Counter
from datetime import timedelta

import pytest
from django.db import transaction
from tests.contract.delivery.providers import Answer, HttpProvider, http_provider, sms_ok
from tests.integration.delivery import people
from tests.integration.delivery.conftest import Clock
from tests.integration.delivery.makers import wanted

from huifang.delivery import accounts, queries, sender, services
from huifang.delivery.models import Attempt, ChannelAccount
from huifang.delivery.records import AccountDraft, ChannelAccountRecord

pytestmark = pytest.mark.django_db(transaction=True)


def account(url: str, now: Clock, *, weight: int = 1, priority: int = 1) -> int:
    draft = AccountDraft(
        id=None,
        channel="sms",
        provider="http",
        name=f"provider {ChannelAccount.objects.count()}",
        settings={"url": url, "secret": people.SECRET},
        per_second=0,
        priority=priority,
        is_enabled=True,
        weight=weight,
    )
    return services.save_account(draft=draft, by="person:1", now=now.at)


@pytest.fixture
def points(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every place of the draw once, in order, in place of chance."""
    count = itertools.count()
    monkeypatch.setattr(accounts.secrets, "randbelow", lambda below: next(count) % below)


@pytest.mark.usefixtures("points")
def test_accounts_at_the_head_take_turns_by_their_weights(now: Clock) -> None:
    one, three = account("http://127.0.0.1:9", now, weight=1), account("http://127.0.0.1:9", now, weight=3)
    first = Counter(accounts.order("sms")[0] for _ in range(400))
    assert first == {(one, True): 100, (three, True): 300}


def test_a_weight_of_nothing_still_has_a_turn(now: Clock) -> None:
    both = {account("http://127.0.0.1:9", now, weight=0) for _ in range(2)}
    assert {accounts.order("sms")[0][0] for _ in range(200)} == both


def test_a_later_priority_stands_behind_whatever_its_weight(now: Clock) -> None:
    behind = account("http://127.0.0.1:9", now, weight=1000, priority=2)
    head = account("http://127.0.0.1:9", now, weight=1, priority=1)
    assert accounts.order("sms") == [(head, True), (behind, False)]
    accounts.rest(head, 60)
    assert accounts.order("sms") == [(behind, True)]


def enqueue(now: Clock, *numbers: int) -> None:
    for number in numbers:
        customer_id = people.customer(now.at, f"wallet-{number}", phone=f"+861380013800{number}")
        with transaction.atomic():
            services.enqueue(attempt=wanted(number, customer_id=customer_id), now=now.at)


def test_a_head_that_is_down_rests_even_where_messages_come_one_by_one(now: Clock, sms: HttpProvider) -> None:
    with http_provider(lambda _: Answer(status=503)) as other:
        head, behind = account(other.url, now), account(sms.url, now, priority=2)
        for number in (1, 2, 3):
            enqueue(now, number)
            sender.send_batch("sms")
        assert (len(other.posted), len(sms.posted)) == (3, 0)
        assert accounts.order("sms") == [(behind, True)]
        enqueue(now, 4)
        sender.send_batch("sms")
        assert Attempt.objects.get(account_id=behind).state == "accepted"

        ChannelAccount.objects.filter(pk=head).update(resting_until=0)
        enqueue(now, 5)
        sender.send_batch("sms")  # one more failure is enough to let it rest again
        assert len(other.posted) == 4
        assert accounts.order("sms") == [(behind, True)]


def test_the_next_provider_takes_over_when_the_head_is_down_and_gives_back_when_it_is_up(
    now: Clock, sms: HttpProvider
) -> None:
    with http_provider(lambda _: Answer(status=503)) as other:
        head, behind = account(other.url, now), account(sms.url, now, priority=2)
        enqueue(now, 1, 2, 3, 4, 5)
        sender.send_batch("sms")
        assert (len(other.posted), len(sms.posted)) == (5, 0)
        assert accounts.order("sms") == [(behind, True)]  # the head rests after its failures
        now.forward(timedelta(minutes=5))
        sender.send_batch("sms")
        assert set(Attempt.objects.values_list("state", "account_id")) == {("accepted", behind)}
        assert (len(other.posted), len(sms.posted)) == (5, 5)

        other.answer = sms_ok
        ChannelAccount.objects.filter(pk=head).update(resting_until=0)
        enqueue(now, 6)
        sender.send_batch("sms")
        assert (len(other.posted), len(sms.posted)) == (6, 5)


def test_an_account_that_failed_is_shown_as_failing_until_something_goes_out(now: Clock) -> None:
    answers = [Answer(status=503), Answer(status=503), Answer(status=503)]
    with http_provider(lambda posted: answers.pop() if answers else sms_ok(posted)) as other:
        only = account(other.url, now)
        for number in (1, 2, 3):
            enqueue(now, number)
            sender.send_batch("sms")
        assert (shown(only).is_resting, shown(only).is_failing) == (True, True)
        ChannelAccount.objects.update(resting_until=1)
        assert (shown(only).is_resting, shown(only).is_failing) == (False, True)
        enqueue(now, 4)
        sender.send_batch("sms")
        assert not shown(only).is_failing


def shown(account_id: int) -> ChannelAccountRecord:
    return next(each for each in queries.channel_accounts() if each.id == account_id)
