"""The widget in a page of another origin, under a strict policy of its own, in both languages and widths."""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import transaction
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer
from tests.browser.hosts import Host
from tests.integration.delivery import people
from tests.integration.delivery.conftest import Clock
from tests.integration.delivery.conftest import now as now
from tests.integration.delivery.makers import wanted
from tests.integration.questionnaires.conftest import DEFINITION

from huifang.customers import queries as customers
from huifang.delivery import accounts, sender
from huifang.delivery import services as delivery
from huifang.kernel.ids import CustomerId
from huifang.questionnaires import services
from huifang.questionnaires.models import Answer, Response, WidgetSite
from huifang.questionnaires.widget import sites
from huifang.questionnaires.widget.identity import expected

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
BUILT = Path(__file__).parents[2] / "src/huifang/console/static/huifang/widget.js"
WORDS = {"zh-Hans": "扣了两次钱 <b>", "en": "Charged twice <b>"}
TITLES = {"zh-Hans": "这次付款满意吗？", "en": "How was this payment?"}
THANKS = {"zh-Hans": "我们会看每一条。", "en": "We read every answer."}
Open = Callable[..., Page]


@pytest.fixture
def host(live_server: LiveServer) -> Iterator[Host]:
    made = Host(live_server.url)
    yield made
    made.stop()


@pytest.fixture
def asked(now: Clock, live_server: LiveServer) -> CustomerId:
    """Customer wallet-1, with a question waiting in the app."""
    accounts.follow_environment(now=now.at)
    customer_id = people.customer(now.at)
    made = services.create_questionnaire(
        slug="payment", name={"en": "Payment"}, by="test", now=now.at, definition=DEFINITION
    )
    invitation = services.invite(
        customer_id=customer_id,
        version_id=services.publish(questionnaire_id=made, by="test", now=now.at),
        key="enrolment:1",
        language="en",
        mode="web",
        now=now.at,
        expires_at=now.at + timedelta(days=7),
        channel="in_app",
    )
    link = {"link": f"{live_server.url}{invitation.path}"}
    with transaction.atomic():
        attempt = wanted(customer_id=customer_id, channel="in_app", variables=link)
        delivery.enqueue(attempt=attempt, now=now.at)
    assert sender.send_batch("in_app") == 1
    return customer_id


@pytest.fixture
def visit(browser: Browser, host: Host, asked: CustomerId, now: Clock) -> Iterator[Open]:
    """``visit("en", 390)``: the wallet's page with the widget, as customer wallet-1 sees it."""
    contexts, faults = [], list[str]()
    site_id, secret = sites.create(name="Web wallet", origins=[host.origin], by="test", now=now.at)
    key = WidgetSite.objects.get(pk=site_id).key

    def open_page(language: str = "en", width: int = 1280, *, scheme: str = "light", **data: str) -> Page:
        context = browser.new_context(
            viewport={"width": width, "height": 844},
            has_touch=width < 600,
            color_scheme=scheme,  # type: ignore[arg-type]
        )
        context.set_default_timeout(20_000)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("console", lambda said: faults.append(said.text) if "Security Policy" in said.text else None)
        proof = expected(secret, "wallet-1")
        known = {"wallet": key, "customer": "wallet-1", "hash": proof, "every": "2", **data}
        page.goto(host.page(language, **known))
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert faults == []


def test_the_script_is_small() -> None:
    assert BUILT.stat().st_size < 15_000


@pytest.mark.parametrize(
    ("language", "width", "scheme"),
    [("zh-Hans", 1280, "light"), ("en", 1280, "dark"), ("zh-Hans", 390, "dark"), ("en", 390, "light")],
)
def test_what_is_tapped_on_the_card_is_an_answer_of_the_app(
    visit: Open, asked: CustomerId, language: str, width: int, scheme: str
) -> None:
    page = visit(language, width, scheme=scheme)
    card = page.get_by_role("dialog")
    expect(card.locator("h2")).to_have_text(TITLES[language], timeout=60_000)
    assert page.evaluate("document.activeElement === document.body")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    for button in card.locator(".choices button").all():
        assert (button.bounding_box() or {"height": 0})["height"] >= 44
    card.locator("button[value='2']").click()
    card.locator("button[value='failed']").click()
    card.locator("textarea").fill(WORDS[language])
    card.locator(".go").click()
    expect(card.locator("h2")).to_have_text(THANKS[language])
    response = Response.objects.get()
    assert (response.mode, response.state, response.customer_id) == ("in_app", "completed", asked)
    assert response.language == language
    said = dict(Answer.objects.values_list("question_key", "text"))
    assert said == {"satisfied": "", "reason": "", "words": WORDS[language]}


def test_a_half_answer_is_kept_and_goes_on_after_a_reload(visit: Open) -> None:
    page = visit()
    card = page.get_by_role("dialog")
    card.locator("button[value='1']").click(timeout=60_000)
    expect(card.locator("button[value='slow']")).to_be_visible()
    page.reload()
    expect(card.locator("button[value='slow']")).to_be_visible()
    assert Answer.objects.get().number == 1


def test_the_keyboard_reaches_all_and_the_focus_goes_back(visit: Open) -> None:
    page = visit()
    card = page.get_by_role("dialog")
    expect(card).to_be_visible(timeout=60_000)
    page.locator("#here").focus()
    page.evaluate("huifang('open')")
    expect(card.locator("h2")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowDown")
    expect(card.locator("button[value='4']")).to_be_focused()
    page.keyboard.press("Escape")
    expect(card).to_have_count(0)
    expect(page.locator("#here")).to_be_focused()
    with page.expect_response(lambda reply: "/inbox" in reply.url and reply.status == 200):
        page.reload()
    expect(card).to_have_count(0)


def test_never_again_is_asked_once_more_and_then_holds(visit: Open, asked: CustomerId) -> None:
    page = visit()
    card = page.get_by_role("dialog")
    card.locator("footer button").first.click(timeout=60_000)
    assert customers.suppressions(customer_id=asked) == []
    card.locator(".go").click()
    expect(card.locator("a.go")).to_have_attribute("href", re.compile("/p/.+"))
    assert [each.channel for each in customers.suppressions(customer_id=asked)] == ["*"]


@pytest.mark.parametrize("wrong", [{"hash": "0" * 64}, {"wallet": "nobody"}, {"customer": "wallet-2"}])
def test_a_claim_that_is_wrong_shows_nothing(visit: Open, wrong: dict[str, str]) -> None:
    assert is_silent(visit(**wrong))


def test_a_site_that_has_ended_shows_nothing(visit: Open, now: Clock) -> None:
    sites.revoke(site_id=WidgetSite.objects.get().pk, by="test", now=now.at)
    assert is_silent(visit())


def test_an_origin_that_is_taken_away_shows_nothing(visit: Open, now: Clock) -> None:
    site_id = WidgetSite.objects.get().pk
    sites.change(site_id=site_id, name="Web", origins=["https://else.example"], by="test", now=now.at)
    assert is_silent(visit())


def is_silent(page: Page) -> bool:
    """Whether the widget asked for a pass, was refused, and shows nothing, even where it is told to."""
    with page.expect_event("console", lambda said: said.type == "error", timeout=60_000):
        page.reload()
    page.evaluate("huifang('open')")
    page.wait_for_timeout(500)
    return page.locator("huifang-widget").count() == 0
