"""Links in messages: they lead only to our pages, count a person once, and work when counting does not."""

from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.db import DatabaseError, transaction
from django.test import Client
from tests.contract.delivery.providers import HttpProvider, MailServer
from tests.integration.delivery import people
from tests.integration.delivery.conftest import Clock
from tests.integration.delivery.makers import wanted

from huifang.delivery import environment, links, personal_data, queries, sender, services
from huifang.delivery.models import Attempt, LinkFollow
from huifang.delivery.records import Choice, LinkFollowed
from huifang.kernel import outbox, vault
from huifang.kernel.ids import AttemptId, CustomerId

pytestmark = pytest.mark.django_db
PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) Mobile"
SCALE = tuple(Choice(value=str(n), label=f"{n} ★", path=f"/s/survey-token?a=q1:{n}") for n in (1, 2, 3))


def send(now: Clock, channel: str = "sms", **changes: object) -> Attempt:
    values: dict[str, object] = {
        "customer_id": people.customer(now.at),
        "channel": channel,
        "variables": {"link": f"{settings.PUBLIC_URL}/s/survey-token"},
        **changes,
    }
    with transaction.atomic():
        attempt_id = services.enqueue(attempt=wanted(**values), now=now.at)  # type: ignore[arg-type]
    sender.send_batch(channel)
    return Attempt.objects.get(pk=attempt_id)


def link_in(text: str) -> str:
    return next(urlsplit(word).path for word in text.split() if "/l/" in word)


def open_link(path: str, agent: str = PHONE, **headers: str) -> str:
    reply = Client().get(path, headers={"user-agent": agent, **headers})
    assert reply["Referrer-Policy"] == "no-referrer"
    assert reply["Cache-Control"] == "no-store"
    assert not reply.cookies
    return reply["Location"] if reply.status_code == 302 else str(reply.status_code)


def test_a_link_counts_a_person_once_and_leads_to_the_questionnaire(
    now: Clock, sms: HttpProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    people.sms_account(sms.url, now.at)
    told: list[object] = []
    monkeypatch.setattr(outbox, "record", lambda *facts: told.extend(facts))
    attempt = send(now)
    path = link_in(sms.posted[0].json["text"])
    assert "survey-token" not in sms.posted[0].json["text"]
    at = now.forward(timedelta(minutes=3))
    assert [open_link(path), open_link(path)] == ["/s/survey-token"] * 2
    follow = LinkFollow.objects.get()
    assert (follow.people, follow.machines, follow.first_at) == (2, 0, at)
    assert [fact for fact in told if isinstance(fact, LinkFollowed)] == [
        LinkFollowed(
            attempt_id=AttemptId(attempt.pk),
            customer_id=CustomerId(attempt.customer_id),
            plan_id=None,
            at=at,
        )
    ]
    assert queries.links_followed(attempt_ids=[AttemptId(attempt.pk)]) == {attempt.pk: at}


def test_scanners_and_whoever_is_too_quick_are_no_people(now: Clock, sms: HttpProvider) -> None:
    people.sms_account(sms.url, now.at)
    attempt = send(now)
    path = link_in(sms.posted[0].json["text"])
    now.forward(timedelta(seconds=1))
    assert open_link(path) == "/s/survey-token"  # within two seconds of the hand-over
    now.forward(timedelta(minutes=1))
    open_link(path, "Mozilla/5.0 (compatible; Googlebot/2.1)")
    open_link(path, PHONE, sec_purpose="prefetch")
    assert Client().head(path, headers={"user-agent": PHONE}).status_code == 302
    follow = LinkFollow.objects.get()
    assert (follow.people, follow.machines, follow.first_at) == (0, 4, None)
    assert queries.links_followed(attempt_ids=[AttemptId(attempt.pk)]) == {}
    open_link(path)
    follow.refresh_from_db()
    assert (follow.people, follow.first_at) == (1, now.at)


def test_where_counting_fails_the_link_still_leads_on(
    now: Clock, sms: HttpProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    people.sms_account(sms.url, now.at)
    send(now)

    def fail(*_: object, **__: object) -> None:
        raise DatabaseError("no room on the disk")

    monkeypatch.setattr(links, "_count", fail)
    assert open_link(link_in(sms.posted[0].json["text"])) == "/s/survey-token"


@pytest.mark.parametrize(
    "url", ["https://evil.example/x", "//evil.example/x", "javascript:alert(1)", "/\\evil.example", ""]
)
def test_nobody_is_ever_led_to_another_machine(now: Clock, url: str) -> None:
    with transaction.atomic():
        attempt_id = services.enqueue(attempt=wanted(variables={"link": url}), now=now.at)
    led_to = open_link(f"/l/{vault.token('link', attempt_id)}")
    assert led_to == "404" or (
        led_to.startswith("/") and not led_to.startswith("//") and "evil" not in led_to
    )


@pytest.mark.parametrize("token", ["x", "A" * 32, "A" * 500, "-_" * 16])
def test_a_token_that_is_not_ours_says_so(now: Clock, token: str) -> None:
    del now
    assert open_link(f"/l/{token}") == "404"


def test_counting_can_be_switched_off_for_a_plan_and_for_all(
    now: Clock, sms: HttpProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    people.sms_account(sms.url, now.at)
    send(now, is_tracked=False)
    assert "/s/survey-token" in sms.posted[0].json["text"]
    monkeypatch.setattr(environment, "LINK_TRACKING", False)
    with transaction.atomic():
        services.enqueue(
            attempt=wanted(
                2,
                customer_id=people.customer(now.at, "wallet-2", phone="+8613800138001", email="b@c.example"),
                variables={"link": f"{settings.PUBLIC_URL}/s/survey-token"},
            ),
            now=now.at,
        )
    sender.send_batch("sms")
    assert "/s/survey-token" in sms.posted[1].json["text"]


def test_mail_shows_the_answers_as_buttons_that_count_too(now: Clock, mail: MailServer) -> None:
    people.mail_account(mail.url, now.at)
    send(now, "email", body={"en": "How was it?\n\n{scale}\n\nOr here: {link}"}, choices=SCALE)
    html = mail.mails[0].get_body(("html",)).get_content()  # type: ignore[union-attr]
    assert html.count("border-radius") == 3 and "<table" not in html  # they wrap on a phone
    assert "3 ★</a>" in html
    assert "survey-token" not in html
    now.forward(timedelta(minutes=1))
    text = mail.mails[0].get_body(("plain",)).get_content()  # type: ignore[union-attr]
    third = next(line for line in text.splitlines() if line.startswith("3 ★: "))
    assert open_link(urlsplit(third.removeprefix("3 ★: ")).path) == "/s/survey-token?a=q1:3"
    assert LinkFollow.objects.get().people == 1
    first = link_in(text)
    assert open_link(f"{first.rsplit('/', 1)[0]}/9") == "404"


def test_an_sms_says_what_to_reply(now: Clock, sms: HttpProvider) -> None:
    people.sms_account(sms.url, now.at)
    plain = tuple(Choice(value=str(n), label=str(n), path=f"/s/x?a=q1:{n}") for n in (1, 2, 3))
    send(now, body={"en": "How was it? {scale}"}, choices=plain)
    assert sms.posted[0].json["text"] == "How was it? Reply with a number from 1 to 3"


def test_without_answers_a_template_that_shows_them_sends_nothing(now: Clock, sms: HttpProvider) -> None:
    people.sms_account(sms.url, now.at)
    attempt = send(now, body={"en": "How was it? {scale}"})
    assert (attempt.state, attempt.reason) == ("withheld", "missing:scale")
    assert sms.posted == []


def test_the_inbox_hands_the_answers_to_the_app(now: Clock) -> None:
    services.follow_environment(now=now.at)
    attempt = send(now, "in_app", body={"en": "How was it? {link}"}, choices=SCALE)
    message = services.fetch_inbox(customer_id=CustomerId(attempt.customer_id), now=now.at)[0]
    assert message.link.endswith("/s/survey-token")
    assert [(each.value, urlsplit(each.link).path) for each in message.choices] == [
        (str(n), "/s/survey-token") for n in (1, 2, 3)
    ]


def test_after_erasure_the_link_leads_nowhere_and_no_visit_is_left(now: Clock, sms: HttpProvider) -> None:
    people.sms_account(sms.url, now.at)
    attempt = send(now)
    path = link_in(sms.posted[0].json["text"])
    now.forward(timedelta(minutes=1))
    open_link(path)
    personal_data.erase(customer_id=CustomerId(attempt.customer_id), now=now.at)
    assert open_link(path) == "404"
    assert LinkFollow.objects.count() == 0
