"""A plan in a real browser: out of the pack, made a campaign, rehearsed, live, paused, compared."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from playwright.sync_api import Page, expect
from tests.browser.opening import PageOf, SignIn
from tests.integration.plans.makers import customer

from huifang.console.models import Person
from huifang.customers.segments import definition, keeping
from huifang.delivery.queries import message_templates
from huifang.kernel import clock
from huifang.plans import queries, ready
from huifang.plans.rehearsals import run

WALKS = pytest.mark.parametrize(("language", "width"), [("en", 1440), ("zh-Hans", 390)])


@pytest.fixture
def segment(transactional_db: None) -> int:
    """A segment with two customers in it."""
    for name in ("lin", "wang"):
        customer(name, at=clock.now() - timedelta(days=20))
    where = {"where": {"kind": "when", "what": "first_seen_at", "until_days": 0}}
    draft = keeping.Draft(name="Seen before today", wanted=definition.read(where))
    return int(keeping.create(draft=draft, by="person:1", now=clock.now()).pk)


def installed(page: Page, pack_name: str) -> int:
    """Install one ready plan; its number."""
    page.goto("/plans/new/")
    page.locator(f"form:has([value={pack_name}]) button").first.click()
    page.wait_for_url(re.compile(r"/plans/\d+/$"))
    found = ready.ready_plan(pack_name=pack_name).plan_id
    assert found is not None
    return found


@WALKS
def test_a_ready_plan_becomes_a_campaign_goes_live_and_is_compared(
    page_of: PageOf,
    sign_in: SignIn,
    person_of: Callable[[str], Person],
    segment: int,
    language: str,
    width: int,
) -> None:
    page = page_of(language, width)
    sign_in(page, "operations")
    plan_id = installed(page, "third-day")
    page.locator("#clause-when a.hf-slot").first.click()
    page.locator("[name=kind][value=segment]").check()
    expect(page.locator("[data-kind=event]")).to_be_hidden()
    page.select_option("[name=segment]", str(segment))
    page.fill("[name=per_day_max]", "50")
    page.locator(".hf-clause-form button[type=submit]").first.click()
    expect(page.locator("#clause-when")).to_contain_text("Seen before today")
    expect(page.locator("#clause-when")).to_contain_text("50")
    page.locator("form[action$='/rehearse/'] button").first.click()
    expect(page.locator(".hf-running")).to_be_visible()
    record = queries.last_rehearsal(plan_id=plan_id, now=clock.now())
    assert record is not None
    run(rehearsal_id=record.id, now=clock.now())
    expect(page.locator(".hf-running")).to_have_count(0)
    expect(page.locator("#rehearsal")).to_be_visible()
    approve_in_another_browser(page, page_of(language, width), person_of("admin"), plan_id)
    act(page, "activate")
    assert queries.plan(plan_id=plan_id).state == "active"
    expect(page.locator("progress").first).to_be_visible()
    act(page, "pause")
    assert queries.plan(plan_id=plan_id).state == "paused"
    page.goto(f"/plans/{plan_id}/?edit=wait")
    page.fill("[name=delay]", "36 h")
    page.locator(".hf-clause-form button[type=submit]").first.click()
    page.goto(f"/plans/{plan_id}/versions/?a=1&b=2")
    expect(page.locator("tr.is-changed")).to_have_count(1)
    expect(page.locator("tr.is-changed ins")).to_contain_text("36")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def approve_in_another_browser(page: Page, other: Page, admin: Person, plan_id: int) -> None:
    """Have the plan want a second person, ask, and let an administrator agree."""
    client = Client()
    client.force_login(admin, backend="django.contrib.auth.backends.ModelBackend")
    address = page.url.partition("/plans/")[0]
    cookie = client.cookies["sessionid"].value
    other.context.add_cookies([{"name": "sessionid", "value": cookie, "url": address}])
    page.goto(f"/plans/{plan_id}/?edit=stop")
    page.locator("[name=needs_approval]").check()
    page.locator(".hf-clause-form button[type=submit]").first.click()
    expect(page.locator("form[action$='/act/activate/']")).to_have_count(0)
    page.locator("form[action$='/act/ask/'] button").click()
    other.goto(f"/plans/{plan_id}/")
    other.locator("form[action$='/act/approve/'] button").click()
    expect(other.locator("form[action$='/act/approve/']")).to_have_count(0)
    page.reload()


def act(page: Page, word: str) -> None:
    """Do what asks first."""
    page.locator(f"details:has(form[action$='/act/{word}/']) summary").click()
    page.locator(f"form[action$='/act/{word}/'] button[type=submit]").click()
    page.wait_for_load_state()


def test_a_clause_is_written_by_keyboard_alone(
    page_of: PageOf, sign_in: SignIn, transactional_db: None
) -> None:
    page = page_of()
    sign_in(page, "operations")
    plan_id = installed(page, "large-payment")
    page.locator("#clause-wait a.hf-slot").focus()
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("edit=wait"))
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.name") == "delay":
            break
    page.keyboard.press("Control+A")
    page.keyboard.type("3 days")
    page.keyboard.press("Enter")
    expect(page.locator("#clause-wait .hf-slot")).to_have_text(re.compile("3 days"))
    assert queries.plan(plan_id=plan_id).definition.delay == timedelta(days=3)
    expect(page.locator("#clause-wait a.hf-slot")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("[name=delay]")).to_be_focused()
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    expect(page.locator(".hf-clause-form")).to_have_count(0)
    expect(page.locator("#clause-wait a.hf-slot")).to_be_focused()


def test_what_was_typed_stays_where_the_plan_is_refused(
    page_of: PageOf, sign_in: SignIn, transactional_db: None
) -> None:
    page = page_of("en", 390)
    sign_in(page, "operations")
    plan_id = installed(page, "third-day")
    page.goto(f"/plans/{plan_id}/?edit=when")
    page.locator("[name=kind][value=segment]").check()
    page.fill("[name=per_day_max]", "70")
    page.locator(".hf-clause-form button[type=submit]").first.click()
    expect(page.locator("[data-kind=segment] .hf-error")).to_be_visible()
    expect(page.locator("[name=per_day_max]")).to_have_value("70")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_template_is_previewed_while_it_is_written_and_kept_only_when_asked(
    page_of: PageOf, sign_in: SignIn, transactional_db: None
) -> None:
    page = page_of()
    sign_in(page, "operations")
    page.goto("/settings/templates/new/sms/")
    page.fill("[name=body_en]", "{wallet_name} asks: {link} Reply STOP to end")
    expect(page.locator("#preview")).to_contain_text("asks: http")  # though it has no name yet
    page.fill("[name=name]", "Asked")
    page.select_option("[name=fallback_language]", "en")
    page.fill("[name=body_en]", "{wallet_name} wonders: {link} Reply STOP to end")
    page.locator("#template button[type=submit]").focus()
    expect(page.locator("#preview")).to_contain_text("wonders: http")
    assert page.locator("h1").count() == 1
    assert not message_templates()
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/settings/templates/\d+/"))
    assert [each.name for each in message_templates()] == ["Asked"]
