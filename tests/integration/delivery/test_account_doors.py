"""Channel accounts on screens and by the API: secrets stay, inner addresses are refused, health is shown."""

import json
from datetime import timedelta

import pytest
from django.db import transaction
from django.test import Client
from tests.contract.delivery.cases import ALIYUN, MAIL
from tests.contract.delivery.providers import Answer, HttpProvider
from tests.integration.delivery import people
from tests.integration.delivery.conftest import Clock
from tests.integration.delivery.makers import wanted
from tests.integration.delivery.test_screens import sign_in

from huifang.api import services as api
from huifang.delivery import queries, sender, services
from huifang.delivery.channels import registry
from huifang.delivery.models import ChannelAccount
from huifang.delivery.records import ChannelQueue
from huifang.kernel import outward

pytestmark = pytest.mark.django_db
EVERY = [pair for pair in registry.providers() if pair[0] not in ("in_app", "webhook")]


@pytest.mark.parametrize("pair", EVERY, ids=lambda pair: "-".join(pair))
def test_every_provider_has_a_form(now: Clock, pair: tuple[str, str]) -> None:
    page = sign_in("operations", now).get(f"/settings/channels/new/{pair[0]}/{pair[1]}/")
    assert page.status_code == 200
    names = [field.name for field in page.context["setting_fields"]]
    assert names == [f"setting_{field.name}" for field in registry.fields(*pair)]


def test_no_secret_is_ever_shown_again(now: Clock) -> None:
    client = sign_in("operations", now)
    for fake in (ALIYUN, *MAIL.values()):
        settings = {
            name: value.replace("{url}", "http://127.0.0.1:9") for name, value in fake.settings.items()
        }
        settings |= {
            field.name: "very-secret-value" + "A" * 15
            for field in registry.fields(fake.channel, fake.provider)
            if field.is_secret
        }
        account = people.account(fake.channel, fake.provider, settings, now.at)
        for path in (f"/settings/channels/{account.pk}/", "/settings/channels/"):
            assert b"very-secret-value" not in client.get(path).content


def test_an_inner_address_is_refused_at_its_field(now: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outward, "PRIVATE_PROVIDERS", [])
    form = {f"setting_{name}": value for name, value in ALIYUN.settings.items()}
    form |= {"setting_base_url": "http://169.254.169.254/", "name": "x"}
    form |= {"per_second": "1", "priority": "1", "weight": "1"}
    page = sign_in("operations", now).post("/settings/channels/new/sms/aliyun/", form)
    assert page.status_code == 200
    assert "private network" in str(page.context["form"].errors["setting_base_url"])
    assert ChannelAccount.objects.filter(provider="aliyun").count() == 0


def test_the_page_shows_the_whole_address_of_the_webhook(now: Clock, settings: object) -> None:
    settings.PUBLIC_URL = "https://wallet.example"  # type: ignore[attr-defined]
    plain = {name: value.replace("{url}", "http://127.0.0.1:9") for name, value in ALIYUN.settings.items()}
    account = people.account("sms", "aliyun", plain, now.at)
    page = sign_in("operations", now).get(f"/settings/channels/{account.pk}/").content.decode()
    assert f"https://wallet.example/hooks/aliyun/{account.pk}/" in page


def test_health_counts_what_an_account_did(now: Clock, sms: HttpProvider) -> None:
    account = people.sms_account(sms.url, now.at)
    with transaction.atomic():
        services.enqueue(attempt=wanted(customer_id=people.customer(now.at)), now=now.at)
    sender.send_batch("sms")
    health = queries.account_health(now=now.at)[account.pk]
    assert (health.sent, health.failed, health.last_sent_at) == (1, 0, now.at)
    page = sign_in("operations", now).get("/settings/channels/").content.decode()
    assert "1 sent, 0 failed in seven days" in page


def test_what_waits_for_a_busy_provider_is_counted_on_its_channel(now: Clock, sms: HttpProvider) -> None:
    people.sms_account(sms.url, now.at)
    sms.answer = lambda _: Answer(status=429)
    with transaction.atomic():
        services.enqueue(attempt=wanted(customer_id=people.customer(now.at)), now=now.at)
    assert queries.channel_queues()["sms"] == ChannelQueue(waiting=1, throttled=0)
    sender.send_batch("sms")
    assert queries.channel_queues()["sms"] == ChannelQueue(waiting=1, throttled=1)
    now.forward(timedelta(seconds=1))
    page = sign_in("operations", now).get("/settings/channels/").content.decode()
    assert "1 wait because the provider is busy" in page


def test_the_api_does_what_the_screen_does(now: Clock, sms: HttpProvider) -> None:
    secret = api.create_key(name="k", role="operations", by="person:1", now=now.at)
    client = Client(headers={"authorization": f"Bearer {secret}"})
    body = {
        "channel": "sms",
        "provider": "http",
        "name": "by the API",
        "settings": {"url": sms.url, "secret": people.SECRET},
        "weight": 3,
    }
    made = client.post("/api/v1/channel-accounts", json.dumps(body), content_type="application/json")
    assert made.status_code == 201, made.content
    account_id = made.json()["id"]
    body |= {"name": "renamed", "settings": {"url": sms.url}}
    path = f"/api/v1/channel-accounts/{account_id}"
    assert client.put(path, json.dumps(body), content_type="application/json").status_code == 200
    (shown,) = [
        each for each in client.get("/api/v1/channel-accounts").json()["accounts"] if each["id"] == account_id
    ]
    assert (shown["name"], shown["weight"], shown["settings"]["secret"]) == ("renamed", 3, "…")
    tried = client.post(f"{path}/trial", json.dumps({"to": people.PHONE}), content_type="application/json")
    assert tried.status_code == 200
    assert len(sms.posted) == 1
    providers = client.get("/api/v1/channel-providers").json()["providers"]
    assert {(each["channel"], each["provider"]) for each in providers} >= {("push", "apns"), ("sms", "smpp")}
