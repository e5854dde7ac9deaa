"""The widget's doors: who is let in, what is told, and that an answer is an answer like any other."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from django.db import transaction
from django.test import Client
from tests.integration.delivery import people
from tests.integration.delivery.conftest import Clock
from tests.integration.delivery.conftest import now as now
from tests.integration.delivery.makers import NOON, wanted
from tests.integration.questionnaires.conftest import DEFINITION

from huifang.customers import queries as customers
from huifang.delivery import accounts, sender
from huifang.delivery import services as delivery
from huifang.delivery.models import Attempt
from huifang.kernel.ids import CustomerId
from huifang.kernel.models import AuditEntry, OutboxEntry
from huifang.questionnaires import services
from huifang.questionnaires.models import Answer, Response, WidgetSite
from huifang.questionnaires.widget import identity, pages, passes, sites

pytestmark = pytest.mark.django_db
ORIGIN = "https://app.wallet.example"


@dataclass
class Wallet:
    """A page of the wallet with the widget in it."""

    key: str
    secret: str
    site_id: int
    origin: str = ORIGIN
    token: str = ""
    client: Client = field(default_factory=lambda: Client(enforce_csrf_checks=True))

    def post(self, path: str, body: Mapping[str, object] | bytes = b"", **headers: str) -> Any:
        known = {"origin": self.origin, **headers}
        if self.token:
            known.setdefault("authorization", f"Bearer {self.token}")
        sent = body if isinstance(body, bytes) else json.dumps(body).encode()
        return self.client.post(f"/widget/{self.key}/{path}", sent, "application/json", headers=known)

    def ask_pass(self, customer: str = "wallet-1", **changes: str) -> Any:
        proof = identity.expected(self.secret, customer, changes.get("until", ""))
        return self.post("pass", {"customer": customer, "hash": proof, **changes})

    def enter(self, customer: str = "wallet-1") -> None:
        self.token = self.ask_pass(customer).json()["pass"]

    def card(self, language: str = "") -> Any:
        return self.post(f"inbox?l={language}").json()["card"]


@pytest.fixture
def wallet(now: Clock) -> Wallet:
    made = sites.create(name="App", origins=[ORIGIN], by="person:1", now=now.at)
    return Wallet(key=WidgetSite.objects.get(pk=made[0]).key, secret=made[1], site_id=made[0])


@pytest.fixture
def asked(now: Clock) -> CustomerId:
    """Customer wallet-1, with a question waiting in the app."""
    customer_id = people.customer(now.at)
    ask(now, customer_id)
    return customer_id


def ask(now: Clock, customer_id: CustomerId, round_number: int = 1, **definition: Any) -> None:
    accounts.follow_environment(now=now.at)
    made = services.create_questionnaire(
        slug=f"payment-{round_number}",
        name={"en": "Payment"},
        by="test",
        now=now.at,
        definition=msgspec.structs.replace(DEFINITION, **definition),
    )
    version_id = services.publish(questionnaire_id=made, by="test", now=now.at)
    invitation = services.invite(
        customer_id=customer_id,
        version_id=version_id,
        key=f"enrolment:{round_number}",
        language="en",
        mode="web",
        now=now.at,
        expires_at=now.at + timedelta(days=7),
        channel="in_app",
        plan_id=3,
    )
    link = {"link": f"https://huifang.example{invitation.path}"}
    with transaction.atomic():
        attempt = wanted(round_number, customer_id=customer_id, channel="in_app", variables=link)
        delivery.enqueue(attempt=attempt, now=now.at)
    assert sender.send_batch("in_app") == 1


def test_a_card_asks_the_first_question_and_an_answer_by_tap_is_kept_as_of_the_app(
    wallet: Wallet, asked: CustomerId
) -> None:
    wallet.enter()
    card = wallet.card()
    assert (card["question"]["key"], card["question"]["takes"]) == ("satisfied", "taps")
    assert [each["value"] for each in card["question"]["choices"]] == ["5", "4", "3", "2", "1"]
    assert Attempt.objects.get().state == "delivered"

    after = wallet.post(
        "answers", {"invitation": card["invitation"], "question": "satisfied", "values": ["2"]}
    )
    assert after.json()["card"]["question"]["key"] == "reason"
    response = Response.objects.get()
    assert (response.mode, response.channel, response.plan_id) == ("in_app", "in_app", 3)
    assert (response.customer_id, response.low_score) == (asked, True)
    assert Answer.objects.get().mode == "in_app"
    told = OutboxEntry.objects.filter(fact_type__endswith="ResponseStarted")
    listeners = list(told.values_list("listener", flat=True))
    assert len(listeners) == len(set(listeners)) > 0


def test_what_is_left_is_answered_on_the_page_and_keeps_its_own_mode(
    wallet: Wallet, asked: CustomerId
) -> None:
    wallet.enter()
    card = wallet.card()
    wallet.post("answers", {"invitation": card["invitation"], "question": "satisfied", "values": ["5"]})
    Client().post(card["path"], {"q": "words", "a.words": "Fine"})
    modes = dict(Answer.objects.values_list("question_key", "mode"))
    assert modes == {"satisfied": "in_app", "words": "web"}
    assert Response.objects.get().state == "completed"
    assert wallet.card() is None


def test_texts_come_in_the_language_that_the_page_asks_for(wallet: Wallet, asked: CustomerId) -> None:
    wallet.enter()
    assert wallet.card("zh-CN")["question"]["title"] == "这次付款满意吗？"
    assert wallet.card("en")["question"]["title"] == "How was this payment?"


def test_skips_and_words_lead_to_the_thanks(wallet: Wallet, asked: CustomerId) -> None:
    wallet.enter()
    invitation = wallet.card()["invitation"]
    said = {"invitation": invitation, "question": "satisfied", "values": ["3"]}
    assert wallet.post("answers", said).json()["card"]["question"]["key"] == "reason"
    skipped = wallet.post("answers", {"invitation": invitation, "question": "reason"}).json()["card"]
    assert skipped["question"]["takes"] == "words"
    done = wallet.post("answers", {"invitation": invitation, "question": "words", "text": "慢"}).json()
    assert done["card"]["done"]["thanks"] == "We read every answer."
    assert Response.objects.get().state == "completed"


def test_an_answer_that_is_none_comes_back_with_its_reason_and_changes_nothing(
    wallet: Wallet, asked: CustomerId
) -> None:
    wallet.enter()
    card = wallet.card()
    said = {"invitation": card["invitation"], "question": "satisfied", "values": ["9"]}
    again = wallet.post("answers", said).json()["card"]
    assert again["error"]
    assert again["question"]["key"] == "satisfied"
    assert not Answer.objects.exists()


@pytest.mark.parametrize(
    "claim",
    [
        {"hash": "0" * 64},
        {"hash": ""},
        {"hash": "零" * 64},
        {"customer": ""},
        {"customer": "x" * 5000},
        {"customer": "wallet-1\n99999999999"},
        {"customer": "wallet-1\0"},
        {"until": "-1"},
        {"until": "٣"},
        {"until": "1"},
    ],
)
def test_a_claim_that_the_wallet_did_not_sign_gets_one_and_the_same_refusal(
    wallet: Wallet, asked: CustomerId, claim: dict[str, str]
) -> None:
    proof = identity.expected(wallet.secret, "wallet-1")
    reply = wallet.post("pass", {"customer": "wallet-1", "hash": proof, **claim})
    assert (reply.status_code, reply.json()["code"]) == (403, "widget_refused")


def test_an_end_that_was_signed_holds_until_then_and_bounds_the_pass(
    wallet: Wallet, asked: CustomerId, now: Clock
) -> None:
    until = str(int(now.at.timestamp()) + 600)
    wallet.token = wallet.ask_pass(until=until).json()["pass"]
    assert wallet.card() is not None
    now.forward(timedelta(seconds=600))
    assert wallet.post("inbox").status_code == 401
    assert wallet.ask_pass(until=until).status_code == 403


def test_a_hash_with_an_end_is_not_one_without(wallet: Wallet, asked: CustomerId, now: Clock) -> None:
    until = str(int(now.at.timestamp()) + 600)
    proof = identity.expected(wallet.secret, "wallet-1", until)
    assert wallet.post("pass", {"customer": "wallet-1", "hash": proof}).status_code == 403


def test_somebody_unknown_is_told_the_same_as_somebody_who_is_asked_nothing(
    wallet: Wallet, now: Clock
) -> None:
    people.customer(now.at, "quiet-1")
    told = []
    for customer in ("quiet-1", "stranger-1"):
        reply = wallet.ask_pass(customer)
        wallet.token = reply.json()["pass"]
        told.append((reply.status_code, wallet.post("inbox").json()))
        wallet.token = ""
    assert told == [(200, {"card": None}), (200, {"card": None})]


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", "", f"{ORIGIN}.evil.example", f"{ORIGIN}/"]
)
def test_another_origin_is_refused_and_may_not_even_read_why(
    wallet: Wallet, asked: CustomerId, origin: str
) -> None:
    wallet.origin = origin
    reply = wallet.ask_pass()
    assert reply.status_code == 403
    assert "Access-Control-Allow-Origin" not in reply


def test_an_allowed_origin_may_read_without_cookies(wallet: Wallet, asked: CustomerId) -> None:
    preflight = wallet.client.options(f"/widget/{wallet.key}/inbox", headers={"origin": ORIGIN})
    assert preflight.status_code == 204
    assert preflight["Access-Control-Allow-Origin"] == ORIGIN
    reply = wallet.ask_pass()
    assert "Access-Control-Allow-Credentials" not in reply
    assert not reply.cookies


def test_revoking_ends_hashes_and_passes_at_once(wallet: Wallet, asked: CustomerId, now: Clock) -> None:
    wallet.enter()
    assert wallet.card() is not None
    sites.revoke(site_id=wallet.site_id, by="person:1", now=now.at)
    assert wallet.post("inbox").status_code == 403
    assert wallet.ask_pass().status_code == 403
    assert AuditEntry.objects.filter(action="widget_site.revoked").count() == 1


def test_an_origin_that_is_taken_away_is_refused_with_the_pass_it_had(
    wallet: Wallet, asked: CustomerId, now: Clock
) -> None:
    wallet.enter()
    sites.change(site_id=wallet.site_id, name="App", origins=["https://b.example"], by="p", now=now.at)
    assert wallet.post("inbox").status_code == 403


def test_two_secrets_are_good_for_a_week_after_a_rotation(
    wallet: Wallet, asked: CustomerId, now: Clock
) -> None:
    old = wallet.ask_pass().json()["pass"]
    fresh = sites.rotate(site_id=wallet.site_id, by="person:1", now=now.at)
    assert wallet.ask_pass().status_code == 200
    new = Wallet(key=wallet.key, secret=fresh, site_id=wallet.site_id)
    assert new.ask_pass().status_code == 200
    sites.end_former_secret(site_id=wallet.site_id, by="person:1", now=now.at)
    assert wallet.ask_pass().status_code == 403
    wallet.token = old
    assert wallet.post("inbox").status_code == 401


def test_a_former_secret_ends_by_itself_on_its_last_instant(wallet: Wallet, now: Clock) -> None:
    sites.rotate(site_id=wallet.site_id, by="person:1", now=now.at)
    now.forward(timedelta(days=7) - timedelta(seconds=1))
    assert wallet.ask_pass().status_code == 200
    now.forward(timedelta(seconds=1))
    assert wallet.ask_pass().status_code == 403


def test_a_pass_is_over_after_an_hour_and_worth_nothing_at_another_site(
    wallet: Wallet, asked: CustomerId, now: Clock
) -> None:
    wallet.enter()
    made = sites.create(name="Web", origins=[ORIGIN], by="person:1", now=now.at)
    other = Wallet(key=WidgetSite.objects.get(pk=made[0]).key, secret=made[1], site_id=made[0])
    other.token = wallet.token
    assert other.post("inbox").status_code == 401
    now.forward(timedelta(hours=1))
    assert wallet.post("inbox").status_code == 401


@pytest.mark.parametrize("token", ["", "x", "零", "A" * 9000, "AAAA" * 20])
def test_a_pass_that_is_none_is_asked_for_anew(wallet: Wallet, asked: CustomerId, token: str) -> None:
    reply = wallet.post("inbox", authorization=f"Bearer {token}".encode().decode("latin-1"))
    assert reply.status_code == 401


def test_nobody_answers_for_another_customer(wallet: Wallet, asked: CustomerId, now: Clock) -> None:
    wallet.enter()
    invitation = wallet.card()["invitation"]
    people.customer(now.at, "wallet-2", phone="+8613800138001", email="b@customer.example")
    wallet.token = ""
    wallet.enter("wallet-2")
    said = {"invitation": invitation, "question": "satisfied", "values": ["1"]}
    assert wallet.post("answers", said).status_code == 404
    assert not Response.objects.exists()
    message = Attempt.objects.get().pk
    assert wallet.post("seen", {"message": message}).status_code == 200
    assert Attempt.objects.get().seen_at is None


def test_an_anonymous_questionnaire_is_only_pointed_at(wallet: Wallet, now: Clock) -> None:
    ask(now, people.customer(now.at), is_anonymous=True)
    wallet.enter()
    card = wallet.card()
    assert card["question"]["takes"] == "page"
    said = {"invitation": card["invitation"], "question": "satisfied", "values": ["1"]}
    assert wallet.post("answers", said).status_code == 404
    assert not Response.objects.exists()


def test_never_again_silences_every_channel_and_the_card(
    wallet: Wallet, asked: CustomerId, now: Clock
) -> None:
    wallet.enter()
    assert wallet.card() is not None
    said = wallet.post("never").json()
    assert said["preferences"].startswith("/p/")
    assert [each.channel for each in customers.suppressions(customer_id=asked)] == ["*"]
    assert wallet.card() is None


def test_seen_is_noted(wallet: Wallet, asked: CustomerId) -> None:
    wallet.enter()
    wallet.post("seen", {"message": wallet.card()["message"]})
    assert Attempt.objects.get().seen_at == NOON


@pytest.mark.parametrize(
    "body", [b"[]", b"{", b"\xff", b'{"customer":1,"hash":"x"}', b'{"customer":"' + b"x" * 20000 + b'"}']
)
def test_a_body_that_cannot_be_read_is_refused(wallet: Wallet, body: bytes) -> None:
    assert wallet.post("pass", body).status_code == 400


def test_many_wrong_hashes_are_slowed_and_shut_out_nobody_else(wallet: Wallet, asked: CustomerId) -> None:
    wrong = {"customer": "wallet-1", "hash": "0" * 64}
    for _ in range(passes.REFUSED_AN_HOUR_MAX):
        assert wallet.post("pass", wrong).status_code == 403
    assert wallet.post("pass", wrong).status_code == 429
    assert wallet.ask_pass().status_code == 200


def test_a_page_that_looks_all_the_time_is_told_to_stop_and_stops_nobody_else(
    wallet: Wallet, asked: CustomerId, now: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "LOOKS_AN_HOUR_MAX", 3)
    wallet.enter()
    assert [wallet.post("inbox").status_code for _ in range(4)] == [200, 200, 200, 429]
    people.customer(now.at, "wallet-2")
    wallet.enter("wallet-2")
    assert wallet.post("inbox").status_code == 200


def test_secrets_are_sealed_where_they_are_kept_and_told_to_no_log(wallet: Wallet) -> None:
    row = WidgetSite.objects.get()
    assert wallet.secret.encode() not in bytes(row.sealed_secrets)
    facts = json.dumps(list(AuditEntry.objects.values_list("facts", flat=True)))
    assert wallet.secret not in facts
