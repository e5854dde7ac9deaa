"""The editor with scripts: it saves as one types, and the phone beside it follows."""

from collections.abc import Iterator

import pytest
from django.test import Client
from playwright.sync_api import Browser, Page, Route, expect
from pytest_django.live_server_helper import LiveServer

from huifang.console.models import Person
from huifang.kernel import clock
from huifang.questionnaires import editor, queries, services

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def desk(browser: Browser, live_server: LiveServer) -> Iterator[Page]:
    """A signed-in operator's page; any report of the content security policy fails the test."""
    person = Person.objects.create(email="o@example.com", role="operations", date_joined=clock.now())
    client = Client()
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    context = browser.new_context(
        viewport={"width": 1440, "height": 900}, locale="en", base_url=live_server.url
    )
    session = client.cookies["sessionid"].value
    context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])
    page = context.new_page()
    faults: list[str] = []
    page.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: faults.append(str(error)))
    yield page
    context.close()
    assert faults == []


@pytest.fixture
def pulse(db: None) -> int:
    """The quarterly pulse."""
    services.install_pack(now=clock.now())
    return next(row.id for row in queries.questionnaire_rows() if row.slug == "quarterly-pulse")


def test_a_change_is_saved_as_a_new_draft_and_seen_on_the_phone(desk: Page, pulse: int) -> None:
    desk.goto(f"/questionnaires/{pulse}/")
    desk.get_by_label("Question in English").first.fill("Would you recommend us?")
    desk.get_by_label("Question in English").first.blur()

    phone = desk.frame_locator("iframe[name=preview]")
    expect(phone.get_by_role("heading", level=1)).to_have_text("Would you recommend us?")
    expect(desk.locator("#lead")).to_contain_text("Draft v2")
    desk.locator("#acts").get_by_text("Publish v2").click()
    desk.get_by_role("button", name="Publish", exact=True).click()
    expect(desk.locator("#lead")).to_contain_text("Published v2")
    assert queries.published(questionnaire_id=pulse).version_number == 2


def test_the_phone_can_be_tapped_through_to_the_thanks(desk: Page, pulse: int) -> None:
    desk.goto(f"/questionnaires/{pulse}/")
    phone = desk.frame_locator("iframe[name=preview]")
    phone.get_by_role("button", name="9", exact=True).click()
    expect(phone.get_by_role("heading", level=1)).to_have_text("What is the main reason for your score?")
    phone.get_by_role("button", name="Skip this question").click()
    expect(phone.get_by_role("heading", level=1)).to_have_text("Thank you.")


def test_a_question_moves_by_keyboard(desk: Page, pulse: int) -> None:
    desk.goto(f"/questionnaires/{pulse}/")
    handle = desk.locator("#q-why [data-handle]")
    handle.focus()
    desk.keyboard.press("Alt+ArrowUp")
    expect(desk.locator("#lead")).to_contain_text("Draft v2")
    found = queries.questionnaire(questionnaire_id=pulse).definition
    assert [question.key for question in found.questions] == ["why", "recommend"]


def test_both_languages_stand_beside_each_other(desk: Page, pulse: int) -> None:
    desk.goto(f"/questionnaires/{pulse}/")
    english = desk.frame_locator("iframe[name=preview]").get_by_role("heading", level=1)
    chinese = desk.frame_locator("iframe[name='preview-zh-Hans']").get_by_role("heading", level=1)
    expect(english).to_contain_text("recommend")
    expect(chinese).to_contain_text("推荐")


def slow_saves(desk: Page) -> None:
    """Let every save by itself take a while, as on a phone in a lift."""

    def answer(route: Route) -> None:
        if route.request.headers.get("hx-request"):
            desk.wait_for_timeout(400)
        route.continue_()

    desk.route("**/save/", answer)


def test_one_never_conflicts_with_oneself_however_slow_the_saves_are(desk: Page, pulse: int) -> None:
    desk.goto(f"/questionnaires/{pulse}/")
    slow_saves(desk)
    titles = desk.get_by_label("Question in English")
    titles.nth(0).fill("Would you recommend us?")
    titles.nth(1).fill("What was behind it?")  # leaves the first field: a save is under way
    desk.get_by_role("button", name="Save the draft").click()  # leaves the second: another waits behind it
    desk.wait_for_load_state("networkidle")
    expect(desk.get_by_text("Somebody else changed this draft")).to_have_count(0)
    found = queries.questionnaire(questionnaire_id=pulse).definition
    kept = [each.title["en"] for each in found.questions]
    assert kept == ["Would you recommend us?", "What was behind it?"]


def test_what_is_published_right_after_typing_is_what_was_typed(desk: Page, pulse: int) -> None:
    desk.goto(f"/questionnaires/{pulse}/")
    titles = desk.get_by_label("Question in English")
    titles.nth(0).fill("Would you recommend us?")
    titles.nth(0).blur()
    expect(desk.locator("#lead")).to_contain_text("Draft v2")
    slow_saves(desk)
    desk.locator("#acts").get_by_text("Publish v2").click()
    titles.nth(1).fill("What was behind it?")
    desk.get_by_role("button", name="Publish", exact=True).click()
    expect(desk.locator("#lead")).to_contain_text("Published v2")
    found = queries.questionnaire(questionnaire_id=pulse).definition
    assert found.questions[1].title["en"] == "What was behind it?"


def test_a_conflict_is_told_beside_the_form_and_what_was_written_stays(desk: Page, pulse: int) -> None:
    desk.goto(f"/questionnaires/{pulse}/")
    found = queries.questionnaire(questionnaire_id=pulse)
    theirs = editor.change(found.definition, "add:text")
    services.save_draft(questionnaire_id=pulse, definition=theirs, by="person:0", now=clock.now())

    box = desk.get_by_label("Question in English").first
    box.fill("Mine?")
    box.blur()
    expect(desk.get_by_role("alert")).to_contain_text("Somebody else changed this draft")
    expect(box).to_have_value("Mine?")
    desk.get_by_role("button", name="Save mine over it").click()
    expect(desk.get_by_label("Question in English").first).to_have_value("Mine?")
    mine = queries.questionnaire(questionnaire_id=pulse).definition
    assert mine.questions[0].title["en"] == "Mine?"
