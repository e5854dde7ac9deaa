"""The short way to the survey page shows and writes what the long way does, and gives way where it must."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from django.conf import LazySettings
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext

from huifang.customers.models import Customer
from huifang.kernel import clock
from huifang.kernel.ids import CustomerId, InvitationId
from huifang.kernel.models import OutboxEntry
from huifang.questionnaires import noting, queries, services
from huifang.questionnaires.answering import Submission
from huifang.questionnaires.kinds.base import Given
from huifang.questionnaires.models import Answer, Response

pytestmark = pytest.mark.django_db
SHORT_WAY = "huifang.questionnaires.short_way.ShortWayMiddleware"
WALKS: list[list[dict[str, str]]] = [
    [{"q": "satisfied", "a.satisfied": "5"}, {"q": "words", "a.words": "很快 <b>"}],
    [
        {"q": "satisfied", "a.satisfied": "2"},
        {"q": "reason", "a.reason": "slow"},
        {"skip": "words"},
    ],
    [
        {"q": "satisfied", "a.satisfied": "2"},
        {"q": "reason", "a.reason": "other", "t.reason": "no <signal>"},
        {"q": "satisfied", "a.satisfied": "4"},
        {"q": "words", "a.words": "then it worked"},
    ],
    [
        {"q": "satisfied", "a.satisfied": "9"},
        {"q": "nonsense", "a.nonsense": "1"},
        {"q": "satisfied", "a.satisfied": ""},
        {"q": "satisfied", "a.satisfied": "1"},
        {"q": "satisfied", "a.satisfied": "2"},
        {"skip": "satisfied"},
    ],
]


def _invite(version_id: int, key: str) -> str:
    now = clock.now()
    customer, _ = Customer.objects.get_or_create(
        external_id="u-1",
        defaults={
            "first_seen_at": now,
            "last_seen_at": now,
            "wallet_kind": "soft",
            "region": "CN-31",
            "traits": {"appVersion": "7.2"},
        },
    )
    return services.invite(
        customer_id=CustomerId(customer.pk),
        version_id=version_id,
        key=key,
        language="zh-Hans",
        mode="web",
        now=now,
        expires_at=now + timedelta(days=7),
        channel="sms",
        plan_id=3,
        context={"event": "Payment Completed"},
        thanks_path="/reward/x?y=1",
    ).path


def _shown(reply: HttpResponse, link: str) -> tuple[object, ...]:
    headers = {name: text.replace(link, "LINK") for name, text in reply.headers.items()}
    del headers["X-Request-Id"]
    headers.pop("Vary", None)  # the long way has looked for a session; nobody keeps the page anyway
    headers["Content-Security-Policy"] = str(sorted(headers["Content-Security-Policy"].split("; ")))
    if reply.status_code == 303:
        headers.pop("Content-Language", None)  # of the phone on one way, of the page on the other
    return sorted(headers.items()), reply.status_code, reply.content.decode().replace(link, "LINK")


def _post(client: Client, link: str, sent: dict[str, str]) -> HttpResponse:
    """As a browser sends a form."""
    return client.post(link, urlencode(sent), content_type="application/x-www-form-urlencoded")


def _written(link: str) -> tuple[Any, ...]:
    """What an invitation led to, without keys and times."""
    responses = Response.objects.filter(invitation_id=_number(link))
    fields = [each.name for each in Response._meta.fields if each.name not in {"id", "invitation"}]
    fields = [each for each in fields if not each.endswith("_at")]
    said = [each.name for each in Answer._meta.fields if each.name not in {"id", "response", "answered_at"}]
    facts = OutboxEntry.objects.filter(payload__invitation_key__startswith="k").order_by("id")
    return (
        list(responses.values(*fields)),
        [each is None for each in responses.values_list("completed_at", flat=True)],
        list(Answer.objects.filter(response__in=responses).order_by("id").values(*said)),
        [
            (each.fact_type, each.listener, sorted(each.payload), each.payload.get("low_score"))
            for each in facts
            if Response.objects.filter(pk=each.payload["response_id"], invitation_id=_number(link)).exists()
        ],
    )


def _number(link: str) -> InvitationId:
    return queries.invitation_id_of(token=link.removeprefix("/s/"))


@pytest.mark.parametrize("walk", WALKS)
def test_both_ways_show_and_write_the_same(
    version_id: int, client: Client, walk: list[dict[str, str]], settings: LazySettings
) -> None:
    assert SHORT_WAY in settings.MIDDLEWARE
    settings.MIDDLEWARE = [each for each in settings.MIDDLEWARE if each != SHORT_WAY]
    every, short, long = Client(), _invite(version_id, "k1"), _invite(version_id, "k2")
    every.get("/healthz")  # its middleware is put together at its first request
    settings.MIDDLEWARE.insert(5, SHORT_WAY)
    for sent in ({}, *walk):
        if sent:
            assert _shown(_post(client, short, sent), short) == _shown(_post(every, long, sent), long)
        for query in ({}, {"l": "en"}, {"l": "zh-Hans", "q": "satisfied"}, {"q": "words"}, {"q": "unknown"}):
            assert _shown(client.get(short, query), short) == _shown(every.get(long, query), long)
        assert _written(short) == _written(long)


def test_a_page_that_is_kept_names_no_other_customer(version_id: int, client: Client) -> None:
    first, second = _invite(version_id, "k1"), _invite(version_id, "k2")
    assert client.get(first).content.decode().replace(first, second) == client.get(second).content.decode()


def test_a_page_that_is_kept_says_the_host_it_was_asked_by(
    version_id: int, client: Client, settings: LazySettings
) -> None:
    settings.ALLOWED_HOSTS = ["one.example", "two.example"]
    link = _invite(version_id, "k1")
    for host in settings.ALLOWED_HOSTS:
        assert host in client.get(link, headers={"host": host}).content.decode()
    assert client.get(link, headers={"host": "evil.example"}).status_code == 400


def test_an_open_page_takes_one_query_and_an_answer_few(version_id: int, client: Client) -> None:
    link = _invite(version_id, "k1")
    client.get(link)
    counts = []
    for ask in (
        lambda: client.get(link),
        lambda: _post(client, link, {"q": "satisfied", "a.satisfied": "5"}),
        lambda: _post(client, link, {"q": "words", "a.words": "fine"}),
    ):
        with CaptureQueriesContext(connection) as taken:
            ask()
        counts.append(len(taken))
    assert counts == [1, 4, 2]


@pytest.mark.parametrize("before", [{}, {"q": "satisfied", "a.satisfied": "2"}])
def test_what_was_answered_meanwhile_is_not_overwritten(
    version_id: int, client: Client, monkeypatch: pytest.MonkeyPatch, before: dict[str, str]
) -> None:
    """Between the read and the write another tab answers: the long way sees it under the lock."""
    link = _invite(version_id, "k1")
    if before:
        _post(client, link, before)
    quick = noting.write

    def other_tab_first(note: noting.Note, **more: Any) -> bool:
        monkeypatch.setattr(noting, "write", quick)
        submission = Submission(given={"words": Given(values=["from the other tab"])}, language="en")
        services.answer(invitation_id=_number(link), submission=submission, now=clock.now())
        is_written = quick(note, **more)
        assert not is_written
        return is_written

    monkeypatch.setattr(noting, "write", other_tab_first)
    assert _post(client, link, {"q": "satisfied", "a.satisfied": "4"}).status_code == 303
    said = {each.question_key: each for each in Answer.objects.all()}
    assert said["words"].text == "from the other tab"
    assert said["satisfied"].number == 4
    response = Response.objects.get()
    assert (response.state, response.has_text, response.low_score) == ("completed", True, False)


def test_a_link_that_closes_meanwhile_takes_no_answer(
    version_id: int, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    link = _invite(version_id, "k1")
    quick = noting.write

    def closed_first(note: noting.Note, **more: Any) -> bool:
        services.close_invitation(key="k1", now=clock.now())
        return quick(note, **more)

    monkeypatch.setattr(noting, "write", closed_first)
    assert _post(client, link, {"q": "satisfied", "a.satisfied": "4"}).status_code == 410
    assert not Response.objects.exists()
    assert not OutboxEntry.objects.exists()


def _questions(**more: Any) -> dict[str, Any]:
    score = {"key": "s", "kind": "nps", "title": {"en": "Score?"}, **more.pop("score", {})}
    words = {"key": "w", "kind": "text", "title": {"en": more.pop("words", "Words?")}}
    return {"fallback_language": "en", "questions": [score, words], **more}


@pytest.mark.parametrize(
    "asked",
    [
        _questions(is_anonymous=True),
        _questions(display="all"),
        _questions(shuffled=["s", "w"]),
        _questions(hidden=[{"key": "shop", "source": "link"}]),
        _questions(quotas=[{"key": "a", "limit": 1, "when": []}]),
        _questions(words="You gave [[s]]. Why?"),
    ],
)
def test_what_is_out_of_the_ordinary_goes_the_long_way(
    db: None, client: Client, monkeypatch: pytest.MonkeyPatch, asked: dict[str, Any]
) -> None:
    from huifang.questionnaires import checks, short_way

    taken: list[object] = []
    real: Callable[..., HttpResponse | None] = short_way.answer

    def watched(*given: Any) -> HttpResponse | None:
        taken.append(real(*given))
        return taken[-1]  # type: ignore[return-value]

    monkeypatch.setattr(short_way, "answer", watched)
    made = services.create_questionnaire(
        slug="odd", name={"en": "Odd"}, by="test", now=clock.now(), definition=checks.convert(asked)
    )
    link = _invite(services.publish(questionnaire_id=made, by="test", now=clock.now()), "k1")
    assert client.get(link).status_code == 200
    assert taken == [None]
