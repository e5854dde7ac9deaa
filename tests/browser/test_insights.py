"""Insights in a real browser: read, cut, compared, taken along, down to the people and what they said."""

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from tests.browser.opening import PageOf, SignIn
from tests.integration.insights.makers import invite, scored, write_all
from tests.integration.plans.makers import customer

from huifang.kernel import clock

OpenPage = Callable[[str, int], Page]
WALKS = pytest.mark.parametrize(("language", "width"), [("en", 1440), ("zh-Hans", 390)])
PAGES = ("/insights/", "/insights/compare/", "/insights/features/", "/insights/people/?metric=nps")


@pytest.fixture
def answered(transactional_db: None, tmp_path: Path, settings: Any) -> None:
    """Forty soft wallets content, ten hard ones not and saying why, ten silent."""
    settings.DATA_DIR = tmp_path
    at = clock.now() - timedelta(hours=3)
    lin = customer("lin", at=at)
    for _ in range(40):
        scored(10, at=at, wallet_kind="soft", channel="sms")
    for _ in range(10):
        scored(1, at=at, wallet_kind="hard", channel="email", text="too slow", customer_id=lin)
    for _ in range(10):
        invite(at=at, channel="sms")
    write_all(tmp_path / "facts", now=clock.now())


@pytest.fixture
def open_as_admin(page_of: PageOf, sign_in: SignIn) -> OpenPage:
    """An administrator's page, in a language and width."""

    def open_page(language: str, width: int) -> Page:
        page = page_of(language, width)
        sign_in(page, "admin")
        return page

    return open_page


def is_too_wide(page: Page) -> bool:
    """Whether anything runs out of the window sideways, or out of its own box."""
    return bool(
        page.evaluate(
            "document.documentElement.scrollWidth > innerWidth ||"
            " [...document.querySelectorAll('.hf-scroll')].some(e => e.scrollWidth > e.clientWidth + 1)"
        )
    )


@WALKS
def test_a_number_is_read_cut_and_followed_down_to_what_was_said(
    open_as_admin: OpenPage, answered: None, language: str, width: int
) -> None:
    page = open_as_admin(language, width)
    page.goto("/insights/")
    score = page.locator("tbody a[href*='metric=nps']").first
    expect(score).to_have_text("60")
    page.locator("select[name=wallet]").select_option("hard")
    expect(page).to_have_url(re.compile("wallet=hard"))
    expect(page.locator("tbody a[href*='metric=nps']").first).to_have_text(re.compile("100"))
    page.locator("tbody a[href*='metric=nps']").first.focus()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/insights/people/.*wallet=hard"))
    expect(page.locator("main")).to_contain_text("too slow")
    page.locator("main a[href*='/customers/lin/']").first.click()
    expect(page).to_have_url(re.compile("/customers/lin/$"))


@WALKS
def test_two_groups_are_compared_and_taken_along_as_a_file(
    open_as_admin: OpenPage, answered: None, language: str, width: int
) -> None:
    page = open_as_admin(language, width)
    page.goto("/insights/compare/?cut=wallet&one=soft&other=hard")
    row = page.locator("tr", has_text="NPS" if language == "en" else "净推荐值")
    expect(row).to_contain_text("clearly more" if language == "en" else "明显")
    with page.expect_download() as taken:
        page.locator("a[href*='format=csv']").first.click()
    lines = Path(taken.value.path()).read_text(encoding="utf-8-sig").splitlines()
    assert any("nps" in line.lower() or "净推荐值" in line for line in lines)


@WALKS
@pytest.mark.parametrize("path", PAGES)
def test_every_page_of_insights_fits_its_window(
    open_as_admin: OpenPage, answered: None, language: str, width: int, path: str
) -> None:
    page = open_as_admin(language, width)
    page.goto(path)
    expect(page.locator("h1")).to_be_visible()
    assert not is_too_wide(page)
