"""The survey page on a phone: no scripts, both languages, light, and whole at 320 px."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Response, expect
from pytest_django.live_server_helper import LiveServer

from huifang.customers.models import Customer
from huifang.kernel import clock
from huifang.kernel.ids import CustomerId
from huifang.questionnaires import queries, services
from huifang.questionnaires.models import Answer

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
Link = Callable[..., str]


@pytest.fixture
def phone(browser: Browser) -> Iterator[Page]:
    """A page as wide as a phone, with scripts switched off."""
    context: BrowserContext = browser.new_context(
        viewport={"width": 390, "height": 844},
        java_script_enabled=False,
        locale="en",
        has_touch=True,
        is_mobile=True,
    )
    yield context.new_page()
    context.close()


@pytest.fixture
def link(live_server: LiveServer) -> Link:
    """Makes a link to one of the ready questionnaires."""
    now = clock.now()
    services.install_pack(now=now)
    customer = Customer.objects.create(external_id="u-1", first_seen_at=now, last_seen_at=now)

    def make(slug: str = "after-first-payment", *, language: str = "en") -> str:
        choice = next(
            each
            for each in queries.questionnaire_choices()
            if queries.questionnaire(questionnaire_id=each.id).slug == slug
        )
        invitation = services.invite(
            customer_id=CustomerId(customer.pk),
            version_id=choice.version_id,
            key=f"{slug}:{language}",
            language=language,
            mode="page",
            now=now,
            expires_at=now + timedelta(days=7),
        )
        return f"{live_server.url}{invitation.path}"

    return make


def sideways(page: Page) -> bool:
    """Whether the page can be scrolled sideways, seen without scripts: by the width of a full shot."""
    width = page.viewport_size["width"] if page.viewport_size else 0
    image = page.screenshot(full_page=True)
    return int.from_bytes(image[16:20], "big") > width


def test_one_tap_a_question_in_english(link: Link, phone: Page) -> None:
    phone.goto(link())
    expect(phone.get_by_role("heading", level=1)).to_have_text(
        "How satisfied are you with your first payment?"
    )
    phone.get_by_role("button", name="Dissatisfied", exact=True).click()
    phone.get_by_role("button", name="It took long").click()
    phone.get_by_role("textbox").fill("Twenty minutes in the queue")
    phone.get_by_role("button", name="Finish").click()
    expect(phone.get_by_role("heading", level=1)).to_have_text("Thank you.")
    assert list(Answer.objects.order_by("place").values_list("number", "choices", "text")) == [
        (2, [], ""),
        (None, ["slow"], ""),
        (None, [], "Twenty minutes in the queue"),
    ]


def test_the_same_in_chinese_and_switching_over(link: Link, phone: Page) -> None:
    phone.goto(link(language="zh-Hans"))
    expect(phone.locator("html")).to_have_attribute("lang", "zh-Hans")
    phone.get_by_role("button", name="不太满意").click()
    expect(phone.get_by_role("heading", level=1)).to_have_text("主要是哪里不顺？")
    phone.get_by_role("link", name="English").click()
    expect(phone.get_by_role("heading", level=1)).to_have_text("What was the main difficulty?")
    phone.get_by_label("Something else").fill("The cashier was new")
    phone.locator(".other button").click()
    assert Answer.objects.get(question_key="reason").text == "The cashier was new"


def test_back_shows_the_answer_and_a_second_tap_changes_it(link: Link, phone: Page) -> None:
    phone.goto(link())
    phone.get_by_role("button", name="Very satisfied").click()
    phone.get_by_role("link", name="Back").click()
    expect(phone.get_by_role("button", name="Very satisfied")).to_have_attribute("aria-pressed", "true")
    phone.get_by_role("button", name="Very dissatisfied").click()
    expect(phone.get_by_role("heading", level=1)).to_have_text("What was the main difficulty?")
    assert Answer.objects.get().number == 1


def test_a_score_is_given_by_keyboard_alone(link: Link, phone: Page) -> None:
    phone.goto(link("quarterly-pulse"))
    ten = phone.get_by_role("button", name="10: Very likely")
    ten.focus()
    phone.keyboard.press("Enter")
    expect(phone.get_by_role("heading", level=1)).to_have_text("What is the main reason for your score?")
    phone.get_by_role("button", name="Skip this question").focus()
    phone.keyboard.press("Enter")
    expect(phone.get_by_role("heading", level=1)).to_have_text("Thank you.")
    assert Answer.objects.get().number == 10


def test_several_difficulties_are_ticked_and_sent_at_once(link: Link, phone: Page) -> None:
    phone.goto(link("ease-of-use"))
    phone.get_by_role("button", name="2", exact=True).click()
    phone.get_by_label("Too many steps").check()
    phone.get_by_label("Slow, or it got stuck").check()
    phone.get_by_role("button", name="Next").click()
    assert Answer.objects.get(question_key="difficulties").choices == ["steps", "speed"]


def test_never_again_takes_two_taps(link: Link, phone: Page) -> None:
    phone.goto(link())
    phone.get_by_role("link", name="Never ask me again").click()
    phone.get_by_role("button", name="Yes, never again").click()
    expect(phone.get_by_role("heading", level=1)).to_have_text("We will not ask you again.")


@pytest.mark.parametrize("slug", ["after-first-payment", "quarterly-pulse", "ease-of-use"])
def test_nothing_sticks_out_at_320_px_and_targets_are_large(
    link: Link, browser: Browser, slug: str, tmp_path: Path
) -> None:
    context = browser.new_context(viewport={"width": 320, "height": 640}, java_script_enabled=False)
    page = context.new_page()
    page.goto(link(slug))
    assert not sideways(page)
    boxes = [button.bounding_box() for button in page.locator(".answers button").all()]
    assert boxes
    assert all(box is not None and box["height"] >= 44 and box["width"] >= 30 for box in boxes)
    context.close()


def test_all_that_a_phone_loads_is_under_60_kb(link: Link, phone: Page) -> None:
    loaded: list[Response] = []
    phone.on("response", lambda reply: loaded.append(reply))
    phone.goto(link(), wait_until="networkidle")
    assert {reply.request.resource_type for reply in loaded} <= {"document", "stylesheet"}
    assert sum(len(reply.body()) for reply in loaded) < 60_000
