"""What became of attempts of which nobody knew, asked of a provider that can tell; never sent again."""

from datetime import timedelta

import pytest
from django.db import transaction
from django.test import Client
from tests.contract.delivery.cases import ALIYUN
from tests.contract.delivery.providers import Answer, HttpProvider
from tests.integration.delivery import people
from tests.integration.delivery.conftest import Clock
from tests.integration.delivery.makers import wanted

from huifang.delivery import accounts, asking, notices, sender, services
from huifang.delivery.models import Attempt, ChannelAccount, ProviderNotice

pytestmark = pytest.mark.django_db


def sent(now: Clock, provider: HttpProvider) -> tuple[ChannelAccount, Attempt]:
    """An attempt that Aliyun took without an answer."""
    settings = {
        **ALIYUN.settings,
        "base_url": provider.url,
        "templates": "SMS_1 = ${wallet}: tell us: ${link}",
    }
    provider.answer = lambda _: Answer(status=0, hang_up=True)
    account = people.account("sms", "aliyun", settings, now.at)
    customer_id = people.customer(now.at)
    with transaction.atomic():
        attempt_id = services.enqueue(attempt=wanted(customer_id=customer_id), now=now.at)
    sender.send_batch("sms")
    attempt = Attempt.objects.get(pk=attempt_id)
    assert attempt.state == "unknown"
    return account, attempt


def knowing(key: str, status: int) -> Answer:
    row = {"OutId": key, "SendStatus": status, "ErrCode": "DELIVERED"}
    return Answer(status=200, body={"Code": "OK", "SmsSendDetailDTOs": {"SmsSendDetailDTO": [row]}})


def test_an_unknown_attempt_is_settled_by_asking_and_never_sent_again(now: Clock, sms: HttpProvider) -> None:
    _, attempt = sent(now, sms)
    sms.answer = lambda _: knowing(attempt.key, 3)
    assert asking.ask(now=now.at) == 0  # too early
    assert asking.ask(now=now.forward(timedelta(minutes=2))) == 1
    notices.handle(now=now.at)
    attempt.refresh_from_db()
    assert attempt.state == "delivered"
    assert asking.ask(now=now.forward(timedelta(hours=1))) == 0
    actions = [posted.headers["x-acs-action"] for posted in sms.posted]
    assert actions == ["SendSms", "QuerySendDetails"]


def test_where_the_provider_knows_nothing_it_is_asked_ever_more_rarely_and_then_no_more(
    now: Clock, sms: HttpProvider
) -> None:
    _, attempt = sent(now, sms)
    sms.answer = ALIYUN.ok
    for _ in range(3 * 60):
        asking.ask(now=now.forward(timedelta(minutes=10)))
    attempt.refresh_from_db()
    assert attempt.state == "unknown"
    asked = sum(posted.headers["x-acs-action"] == "QuerySendDetails" for posted in sms.posted)
    assert 4 <= asked <= 9


@pytest.mark.parametrize("answer", [Answer(status=500), Answer(status=0, hang_up=True), Answer(status=200)])
def test_a_provider_that_fails_while_it_is_asked_changes_nothing(
    now: Clock, sms: HttpProvider, answer: Answer
) -> None:
    _, attempt = sent(now, sms)
    sms.answer = lambda _: answer
    assert asking.ask(now=now.forward(timedelta(minutes=2))) == 0
    attempt.refresh_from_db()
    assert attempt.state == "unknown"


def test_reports_of_a_provider_that_signs_nothing_need_the_secret_address(
    now: Clock, sms: HttpProvider
) -> None:
    account, attempt = sent(now, sms)
    path = accounts.notice_path("aliyun", account.pk, accounts.open_account(account).port)
    body = (
        '[{"phone_number": "13800138000", "success": true, "err_code": "DELIVERED", "err_msg": "", '
        f'"biz_id": "9^0", "out_id": "{attempt.key}"}}]'
    )
    guesses = [
        f"/hooks/aliyun/{account.pk}",
        path[:-1],
        path.replace(f"/{account.pk}/", f"/{account.pk + 1}/"),
    ]
    for guess in guesses:
        assert Client().post(guess, body, content_type="application/json").status_code in (403, 404)
    assert ProviderNotice.objects.count() == 0
    reply = Client().post(path, body, content_type="application/json")
    assert (reply.status_code, reply.json()) == (200, {"code": 0, "msg": "OK"})
    notices.handle(now=now.at)
    attempt.refresh_from_db()
    assert attempt.state == "delivered"
