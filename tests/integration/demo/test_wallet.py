"""The demo wallet against real parts of Huifang: each event once, each answer on the real pages."""

from collections.abc import Iterator
from datetime import timedelta
from types import SimpleNamespace

import httpx
import pytest
from tests.integration.delivery.people import customer
from tests.integration.demo.conftest import PARAMETERS, START, Callback, MakeWallet, closed_port, person
from tests.integration.events import gateways

from huifang.customers.queries import suppressions
from huifang.demo import behaviour, phones
from huifang.demo.models import Phone, Progress, Received
from huifang.demo.wallet import Wallet
from huifang.events import services as events
from huifang.events.models import Event, RejectedEvent
from huifang.kernel import clock
from huifang.questionnaires import queries, services
from huifang.questionnaires.models import Response

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def write_key() -> str:
    return events.create_write_key(name="wallet", now=clock.now())


@pytest.fixture
def gateway() -> Iterator[gateways.Gateway]:
    with gateways.running() as running:
        yield running


def send_all(wallet: Wallet) -> None:
    """Send until nothing is due."""
    while wallet.send_due():
        pass


def lived_until() -> int:
    """How many messages the people of the wallet have made by the hour that runs."""
    hours = behaviour.hours_between(START, clock.now())
    people = [person(number) for number in range(PARAMETERS.people)]
    return sum(
        str(message["timestamp"]) <= clock.now().isoformat()
        for hour in hours
        for each in people
        for message in behaviour.messages_of(each, hour, parameters=PARAMETERS)
    )


@pytest.mark.slow
def test_a_wallet_that_was_killed_sends_everything_again_and_nothing_twice(
    make_wallet: MakeWallet, gateway: gateways.Gateway, write_key: str
) -> None:
    first = make_wallet(gateway_url=gateway.url, write_key=write_key)
    first.send_due()
    Progress.objects.all().delete()  # killed right after the gateway answered
    send_all(make_wallet(gateway_url=gateway.url, write_key=write_key))
    stored = Event.objects.count()
    spoiled = RejectedEvent.objects.count()
    send_all(make_wallet(gateway_url=gateway.url, write_key=write_key))
    assert (Event.objects.count(), RejectedEvent.objects.count()) == (stored, spoiled)
    assert stored == Event.objects.values("message_id").distinct().count()
    assert stored + spoiled == lived_until()
    assert spoiled > 0, "the wallet's bug spoils some"
    assert Phone.objects.count() == PARAMETERS.people


@pytest.mark.slow
def test_what_the_gateway_does_not_take_is_sent_once_it_is_back(
    make_wallet: MakeWallet, write_key: str
) -> None:
    port = closed_port()
    wallet = make_wallet(gateway_url=f"http://127.0.0.1:{port}", write_key=write_key)
    for _ in range(2):
        with pytest.raises(httpx.ConnectError):
            wallet.send_due()
    assert not Progress.objects.exists()
    with gateways.running(port):
        send_all(wallet)
    assert Event.objects.count() + RejectedEvent.objects.count() == lived_until()


@pytest.fixture
def invited(live_server: SimpleNamespace, settings: SimpleNamespace) -> list[Received]:
    """Every person of the wallet has a message with a link of their own."""
    now = clock.now()
    settings.PUBLIC_URL = live_server.url
    services.install_pack(now=now)
    choice = queries.questionnaire_choices()[0]
    people = [person(number) for number in range(PARAMETERS.people)]
    phones.register(people)
    for each in people:
        invitation = services.invite(
            customer_id=customer(now, each.external_id, phone=each.phone, email=each.email),
            version_id=choice.version_id,
            key=f"enrolment:{each.number}",
            language=each.home.language,
            mode="web",
            now=now,
            expires_at=now + timedelta(days=7),
            plan_id=None,
            channel="sms",
        )
        Received.objects.create(
            phone=Phone.objects.get(external_id=each.external_id),
            key=f"sms-{each.number}",
            channel="sms",
            body="",
            link=f"{live_server.url}{invitation.path}",
            received_at=now,
        )
    return list(Received.objects.order_by("pk"))


def mean(received: Received, act: str) -> None:
    """The owner of the phone means to *act* on the message now."""
    received.act, received.act_at = act, clock.now()
    received.save()


def test_customers_answer_stop_midway_and_refuse_on_the_real_pages(
    make_wallet: MakeWallet, invited: list[Received], live_server: SimpleNamespace
) -> None:
    for received, act in zip(invited, ("answer", "quit", "never", "stop"), strict=False):
        mean(received, act)
    callback = Callback()
    wallet = make_wallet(web_url=live_server.url, callback=callback)
    assert wallet.act_due() == 4
    assert wallet.act_due() == 0
    states = dict(Response.objects.values_list("invitation__key", "state"))
    assert states == {"enrolment:0": "completed", "enrolment:1": "started"}
    refused = customer(clock.now(), person(2).external_id)
    assert {each.channel for each in suppressions(customer_id=refused)} == {"*"}
    assert callback.replies == [(person(3).phone, "STOP" if person(3).home.language == "en" else "退订")]


def test_a_deed_that_fails_waits_and_holds_up_nobody(
    make_wallet: MakeWallet, invited: list[Received], live_server: SimpleNamespace
) -> None:
    broken, unreadable, good = invited[:3]
    broken.link = f"http://127.0.0.1:{closed_port()}/s/away"
    unreadable.link = " <http://[broken"
    for each in (broken, unreadable, good):
        mean(each, "answer")
    make_wallet(web_url=live_server.url).act_due()
    assert Response.objects.get().state == "completed"
    for each in (broken, unreadable):
        each.refresh_from_db()
        assert each.act_at is not None
        assert each.act_at > clock.now()


def test_a_deed_that_was_cut_short_is_done_again_with_one_answer(
    make_wallet: MakeWallet, invited: list[Received], live_server: SimpleNamespace
) -> None:
    wallet = make_wallet(web_url=live_server.url)
    mean(invited[0], "answer")
    wallet.act_due()
    mean(invited[0], "answer")  # killed before its end was noted
    wallet.act_due()
    assert Response.objects.get().state == "completed"
    invited[0].refresh_from_db()
    assert invited[0].act_at is None


def test_nobody_answers_for_a_phone_in_a_visitors_hand(
    make_wallet: MakeWallet, invited: list[Received], live_server: SimpleNamespace
) -> None:
    Phone.objects.filter(pk=invited[0].phone_id).update(is_held=True)
    mean(invited[0], "answer")
    assert make_wallet(web_url=live_server.url).act_due() == 0
    assert not Response.objects.exists()
