"""The public page as a phone meets it: what it says, takes, refuses, and never does."""

import re
from datetime import timedelta
from html import unescape
from html.parser import HTMLParser
from pathlib import Path

import msgspec
import pytest
from django.contrib.staticfiles import finders
from django.test import Client
from tests.integration.questionnaires.conftest import definition

from huifang.customers import queries as customers
from huifang.customers import services as customer_services
from huifang.customers.models import Customer
from huifang.kernel import clock, vault
from huifang.kernel.ids import CustomerId
from huifang.questionnaires import checks, queries, services
from huifang.questionnaires.models import Answer, Invitation, Response

HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>"
pytestmark = pytest.mark.django_db


@pytest.fixture
def link(version_id: int) -> str:
    return _invite(version_id)


def _invite(version_id: int, *, key: str = "k1", language: str = "en") -> str:
    now = clock.now()
    customer, _ = Customer.objects.get_or_create(
        external_id="u-1", defaults={"first_seen_at": now, "last_seen_at": now, "wallet_kind": "soft"}
    )
    return services.invite(
        customer_id=CustomerId(customer.pk),
        version_id=version_id,
        key=key,
        language=language,
        mode="page",
        now=now,
        expires_at=now + timedelta(days=7),
        channel="sms",
    ).path


class _Names(HTMLParser):
    """Every element with its attributes."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def values(self, tag: str, name: str) -> list[str | None]:
        return [attrs[name] for found, attrs in self.found if found == tag and name in attrs]


def test_opening_the_link_asks_and_records_nothing(link: str, client: Client) -> None:
    reply = client.get(link, {"a": "4"})
    assert reply.status_code == 200
    html = reply.content.decode()
    assert "How was this payment?" in html
    assert 'value="4" aria-pressed="true"' in html
    assert not Response.objects.exists()


def test_nobody_keeps_the_page_and_it_sets_no_cookie(link: str, client: Client) -> None:
    for reply in (client.get(link), client.post(link, {"q": "satisfied", "a.satisfied": "5"})):
        assert reply["Cache-Control"] == "no-store"
        assert reply["X-Robots-Tag"] == "noindex, nofollow"
        assert reply["Referrer-Policy"] == "no-referrer"
        assert not reply.cookies


def test_it_needs_no_csrf_token_session_or_referrer(link: str) -> None:
    strict = Client(enforce_csrf_checks=True, headers={"origin": "null"})
    assert strict.post(link, {"q": "satisfied", "a.satisfied": "5"}).status_code == 303
    assert Answer.objects.get().number == 5


def test_there_is_no_script_in_any_page(link: str, client: Client) -> None:
    for path in (link, f"{link}/never", "/s/nothing"):
        elements = _Names(client.get(path).content.decode())
        assert elements.values("script", "src") == []
        assert not [attrs for _, attrs in elements.found if any(name.startswith("on") for name in attrs)]
        assert not [tag for tag, _ in elements.found if tag in {"script", "style", "iframe"}]


def test_what_was_tapped_in_the_message_stays_in_the_other_language(link: str, client: Client) -> None:
    html = client.get(f"{link}?a=satisfied:2").content.decode()
    (other,) = re.findall(r'<a href="([^"]+)" lang="zh-Hans"', html)
    chinese = client.get(unescape(other)).content.decode()
    assert '<form class="confirm"' in html and '<form class="confirm"' in chinese
    assert 'name="a.satisfied" value="2"' in chinese


def test_a_tap_goes_on_and_the_last_one_thanks(link: str, client: Client) -> None:
    reply = client.post(link, {"q": "satisfied", "a.satisfied": "2"}, follow=True)
    assert "What went wrong?" in reply.content.decode()
    reply = client.post(link, {"q": "reason", "a.reason": "slow"}, follow=True)
    assert "Anything else?" in reply.content.decode()
    reply = client.post(link, {"q": "words", "a.words": "Waited long"}, follow=True)
    html = reply.content.decode()
    assert "Thank you." in html
    assert "We read every answer." in html
    assert f'href="{customers.preference_path(customer_id=CustomerId(Customer.objects.get().pk))}"' in html
    assert list(Answer.objects.order_by("place").values_list("number", "choices", "text")) == [
        (2, [], ""),
        (None, ["slow"], ""),
        (None, [], "Waited long"),
    ]


def test_the_context_of_the_customer_is_kept_with_the_response(link: str, client: Client) -> None:
    client.post(link, {"q": "satisfied", "a.satisfied": "2"})
    response = Response.objects.get()
    assert (response.wallet_kind, response.channel, response.language) == ("soft", "sms", "en")


def test_back_shows_the_earlier_answer_and_changes_it(link: str, client: Client) -> None:
    reply = client.post(link, {"q": "satisfied", "a.satisfied": "5"}, follow=True)
    back = next(
        href for href in _Names(reply.content.decode()).values("a", "href") if href and "q=satisfied" in href
    )
    html = client.get(back).content.decode()
    assert 'value="5" aria-pressed="true"' in html

    client.post(link, {"q": "satisfied", "a.satisfied": "4"})
    assert Answer.objects.get().number == 4


def test_skip_leaves_an_optional_question_and_a_required_one_has_none(link: str, client: Client) -> None:
    assert 'name="skip"' not in client.get(link).content.decode()
    reply = client.post(link, {"q": "satisfied", "a.satisfied": "5"}, follow=True)
    assert 'name="skip" value="words"' in reply.content.decode()
    reply = client.post(link, {"q": "words", "skip": "words"}, follow=True)
    assert "Thank you." in reply.content.decode()
    assert Answer.objects.count() == 1


def test_sending_the_last_answer_twice_thanks_twice(link: str, client: Client) -> None:
    client.post(link, {"q": "satisfied", "a.satisfied": "5"})
    for _ in range(2):
        reply = client.post(link, {"q": "words", "a.words": "Good"}, follow=True)
        assert "Thank you." in reply.content.decode()
    assert Answer.objects.filter(question_key="words").count() == 1


@pytest.mark.parametrize(("value", "said"), [("9", "not one of the answers"), ("", "Please answer")])
def test_what_is_no_answer_is_said_on_the_question_itself(
    link: str, client: Client, value: str, said: str
) -> None:
    reply = client.post(link, {"q": "satisfied", "a.satisfied": value})
    assert reply.status_code == 422
    html = reply.content.decode()
    assert said in html
    assert "How was this payment?" in html


def test_words_too_long_are_given_back_to_be_shortened(link: str, client: Client) -> None:
    client.post(link, {"q": "satisfied", "a.satisfied": "5"})
    words = "long " * 500
    reply = client.post(link, {"q": "words", "a.words": words})
    assert reply.status_code == 422
    assert words.strip() in reply.content.decode()


def test_hostile_words_come_back_as_text_only(link: str, client: Client) -> None:
    client.post(link, {"q": "satisfied", "a.satisfied": "1"})
    client.post(link, {"q": "reason", "a.reason": "other", "t.reason": HOSTILE})
    for query in ({"q": "reason"}, {"a": HOSTILE}, {"l": HOSTILE}, {"q": HOSTILE}):
        assert HOSTILE not in client.get(link, query).content.decode()
    assert "&lt;script&gt;" in client.get(link, {"q": "reason"}).content.decode()


def test_hostile_texts_of_a_questionnaire_come_out_as_text_only(client: Client) -> None:
    texts = {"en": HOSTILE, "zh-Hans": HOSTILE}
    options = [{"key": "a", "label": texts}, {"key": "b", "label": texts, "is_other": True}]
    kinds = [
        {"key": "one", "kind": "single", "options": options},
        {"key": "two", "kind": "multiple", "options": options},
        {"key": "three", "kind": "nps", "low_label": texts, "high_label": texts},
        {"key": "four", "kind": "csat", "labels": {"5": texts}},
        {"key": "five", "kind": "text"},
    ]
    for display in ("one", "all"):
        hostile = {
            "display": display,
            "about": texts,
            "intro": texts,
            "thanks": texts,
            "questions": [{**each, "title": texts, "hint": texts} for each in kinds],
        }
        made = services.create_questionnaire(
            slug=f"hostile-{display}",
            name=texts,
            by="test",
            now=clock.now(),
            definition=checks.convert(hostile),
        )
        link = _invite(services.publish(questionnaire_id=made, by="test", now=clock.now()), key=display)
        for key in ("one", "two", "three", "four", "five"):
            html = client.get(link, {"q": key}).content.decode()
            assert "<script" not in html
            assert "<img" not in html


@pytest.mark.parametrize("token", ["x", "A" * 32, "../admin", "é"])
def test_a_guessed_token_leads_nowhere_and_says_so_kindly(client: Client, token: str) -> None:
    reply = client.get(f"/s/{token}", headers={"accept-language": "en"})
    assert reply.status_code == 404
    assert client.post(f"/s/{token}", {"q": "satisfied", "a.satisfied": "5"}).status_code == 404


def test_an_address_with_a_null_byte_is_no_address(client: Client) -> None:
    assert client.get("/s/%00").status_code == 404
    assert client.post("/s/%00", {"q": "satisfied", "a.satisfied": "5"}).status_code == 404


def test_a_token_of_another_purpose_or_of_no_invitation_leads_nowhere(link: str, client: Client) -> None:
    for token in (vault.token("preference", 1), vault.token("survey", 999_999)):
        assert client.get(f"/s/{token}").status_code == 404


def test_a_closed_invitation_says_so_and_takes_nothing(link: str, client: Client) -> None:
    services.close_invitation(key="k1", now=clock.now())
    assert client.get(link).status_code == 410
    reply = client.post(link, {"q": "satisfied", "a.satisfied": "5"})
    assert reply.status_code == 410
    assert "This questionnaire is closed." in reply.content.decode()
    assert not Answer.objects.exists()


def test_an_expired_invitation_is_closed(link: str, client: Client) -> None:
    Invitation.objects.update(expires_at=clock.now())
    assert client.get(link).status_code == 410


def test_the_language_can_be_switched_and_stays(link: str, client: Client) -> None:
    html = client.get(link).content.decode()
    assert '<html lang="en">' in html
    assert 'lang="zh-Hans"' in html
    reply = client.post(f"{link}?l=zh-Hans", {"q": "satisfied", "a.satisfied": "5"}, follow=True)
    assert "还想说什么？" in reply.content.decode()
    assert "还想说什么？" in client.get(link).content.decode()


def test_a_restart_finds_the_answers_given_before(link: str, client: Client) -> None:
    client.post(link, {"q": "satisfied", "a.satisfied": "2"})
    html = Client().get(link).content.decode()
    assert "What went wrong?" in html
    assert 'aria-label="Question 2 of 3"' in html


def test_all_questions_on_one_page_are_sent_together(client: Client) -> None:
    together = checks.convert({**_builtins(), "display": "all"})
    made = services.create_questionnaire(
        slug="all", name={"en": "All"}, by="test", now=clock.now(), definition=together
    )
    link = _invite(services.publish(questionnaire_id=made, by="test", now=clock.now()), key="all")
    html = client.get(link).content.decode()
    assert "How was this payment?" in html
    assert "Anything else?" in html
    assert "What went wrong?" not in html

    reply = client.post(link, {"q": ["satisfied", "words"], "a.words": "Kept"}, follow=True)
    assert "How was this payment?" in reply.content.decode()
    reply = client.post(link, {"q": ["satisfied"], "a.satisfied": "1"}, follow=True)
    assert "What went wrong?" in reply.content.decode()
    reply = client.post(link, {"q": ["reason"], "a.reason": "slow"}, follow=True)
    assert "Thank you." in reply.content.decode()
    assert Answer.objects.count() == 3


def _builtins() -> dict[str, object]:
    built: dict[str, object] = msgspec.to_builtins(definition())
    return built


def test_never_again_asks_once_holds_everywhere_and_can_be_undone(link: str, client: Client) -> None:
    customer_id = CustomerId(Customer.objects.get().pk)
    html = client.get(f"{link}/never").content.decode()
    assert "Shall we never ask you again?" in html
    assert customers.suppressions(customer_id=customer_id) == []

    html = client.post(f"{link}/never", {"never": "yes"}, follow=True).content.decode()
    assert "We will not ask you again." in html
    assert [each.channel for each in customers.suppressions(customer_id=customer_id)] == ["*"]

    html = client.post(f"{link}/never", {"undo": "yes"}, follow=True).content.decode()
    assert "Shall we never ask you again?" in html
    assert customers.suppressions(customer_id=customer_id, include_lifted=False) == []


def test_the_link_does_not_undo_a_refusal_made_elsewhere(link: str, client: Client) -> None:
    customer_id = CustomerId(Customer.objects.get().pk)
    customer_services.suppress(
        customer_id=customer_id, reason="customer_refused", source="call", at=clock.now()
    )
    html = client.get(f"{link}/never").content.decode()
    assert 'name="undo"' not in html
    client.post(f"{link}/never", {"undo": "yes"})
    assert len(customers.suppressions(customer_id=customer_id, include_lifted=False)) == 1


def test_a_page_with_its_styles_is_light(link: str, client: Client) -> None:
    """Under 60 kB uncompressed, whatever the browser accepts."""
    html = client.get(link).content
    styles = finders.find("huifang/survey.css")
    assert isinstance(styles, str)
    assert len(html) + Path(styles).stat().st_size < 60_000
    assert len(html) < 12_000


def test_the_page_asks_the_database_seldom(link: str, client: Client, django_assert_max_num_queries) -> None:  # type: ignore[no-untyped-def]
    client.get(link)
    with django_assert_max_num_queries(2):
        client.get(link)
    client.post(link, {"q": "satisfied", "a.satisfied": "2"})
    with django_assert_max_num_queries(10):
        client.post(link, {"q": "reason", "a.reason": "slow"})


def test_a_published_definition_is_read_once(version_id: int) -> None:
    assert queries.definition(version_id=version_id) is queries.definition(version_id=version_id)
