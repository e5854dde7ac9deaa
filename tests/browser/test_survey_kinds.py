"""Every kind on a phone without scripts, in both languages, at 320 and 390 px."""

from datetime import timedelta

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from huifang.customers.models import Customer
from huifang.kernel import clock
from huifang.kernel.ids import CustomerId
from huifang.questionnaires import library, links, services
from huifang.questionnaires.models import Answer, Response
from huifang.questionnaires.records import Definition, OpenLinkTerms

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def _published(slug: str, definition: Definition) -> tuple[int, int]:
    now = clock.now()
    made = services.create_questionnaire(
        slug=slug, name={"en": slug}, by="test", now=now, definition=definition
    )
    return made, services.publish(questionnaire_id=made, by="test", now=now)


def _link(definition: Definition) -> str:
    now = clock.now()
    _, version_id = _published("kinds", definition)
    customer = Customer.objects.create(external_id="u-1", first_seen_at=now, last_seen_at=now)
    return services.invite(
        customer_id=CustomerId(customer.pk),
        version_id=version_id,
        key="k",
        language="en",
        mode="web",
        now=now,
        expires_at=now + timedelta(days=1),
    ).path


def _every_kind() -> Definition:
    return Definition(questions=tuple(each.question for each in library.ready()))


@pytest.mark.parametrize("language", ["zh-Hans", "en"])
@pytest.mark.parametrize("width", [320, 390])
def test_no_kind_sticks_out_of_a_phone(
    live_server: LiveServer, browser: Browser, language: str, width: int
) -> None:
    link = _link(_every_kind())
    context = browser.new_context(viewport={"width": width, "height": 700}, java_script_enabled=False)
    page = context.new_page()
    for kept in library.ready():
        page.goto(f"{live_server.url}{link}?l={language}&q={kept.question.key}")
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        boxes = [each.bounding_box() for each in page.locator(".answers button, .pick, .go").all()]
        assert all(box is None or (box["x"] >= 0 and box["x"] + box["width"] <= width) for box in boxes)
        assert all(box is None or box["height"] >= 44 for box in boxes), kept.name
    context.close()


def test_a_phone_fills_in_each_kind(live_server: LiveServer, phone: Page) -> None:
    keys = {"stars", "aspects", "waited", "happened_on", "call_back"}
    questions = tuple(each.question for each in library.ready() if each.question.key in keys)
    phone.goto(live_server.url + _link(Definition(questions=questions)))
    phone.get_by_role("button", name="4 stars").click()
    for row in ("Speed", "Explanations", "Staff"):
        phone.get_by_role("group", name=row).get_by_label("Good").check()
    phone.get_by_role("button", name="Next").click()
    phone.locator("input[name='a.waited']").fill("12")
    phone.get_by_role("button", name="Next").click()
    phone.locator("input[name='a.happened_on']").fill("2026-11-20")
    phone.get_by_role("button", name="Next").click()
    phone.get_by_role("button", name="No, please do not").click()
    expect(phone.get_by_role("heading", level=1)).to_have_text("Thank you.")
    assert Answer.objects.get(question_key="aspects").choices == ["speed:good", "clarity:good", "staff:good"]
    assert Answer.objects.get(question_key="waited").amount == 12
    assert Response.objects.get().state == "completed"


def test_a_passer_by_answers_an_open_link(live_server: LiveServer, phone: Page) -> None:
    questions = tuple(each.question for each in library.ready()[:1])
    made, _ = _published("open", Definition(questions=questions))
    links.create(
        questionnaire_id=made, slug="counter", terms=OpenLinkTerms(place="Desk"), by="test", now=clock.now()
    )
    phone.goto(f"{live_server.url}/q/counter?l=en")
    expect(phone.locator(".trap input")).not_to_be_in_viewport()
    phone.get_by_role("button", name="Satisfied", exact=True).click()
    expect(phone.get_by_role("heading", level=1)).to_have_text("Thank you.")
    assert Response.objects.get().place == "Desk"
