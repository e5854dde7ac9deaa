"""Drives Chromium against the product over the session's PostgreSQL. Skips, and says so, without one.

A page of `page_of` that reports a script error or a breach of the content security policy fails its test.
"""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright
from tests.browser.opening import PASSWORD, PageOf, SignIn

from huifang.console.models import Person
from huifang.kernel import clock

_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
_HERE = Path(__file__).parent
_BUILT = _HERE.parents[1] / "src/huifang/console/static/huifang/console.js"
_LOCALES = {"zh-Hans": "zh-CN", "en": "en-GB"}
_PHONE_WIDTH_MAX = 600
_PATIENCE_MS = 60_000  # many measures are reckoned at once on a busy machine
expect.set_options(timeout=_PATIENCE_MS)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark everything in this folder, so that ``-m "not browser"`` leaves it out."""
    for item in items:
        if _HERE in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for the session; another than the one on the path is named in HUIFANG_TEST_CHROMIUM."""
    program = (
        os.environ.get("HUIFANG_TEST_CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    )
    if not program:
        pytest.skip("NO BROWSER TESTS: there is no Chromium here; install chromium to run them.")
    if not _BUILT.exists():
        pytest.skip(
            "NO BROWSER TESTS: the frontend is not built; run `npm ci && npm run build` in frontend/."
        )
    # Playwright keeps an event loop in this thread; Django would take every query for one from async code.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=program, args=_ARGUMENTS)
        yield opened
        opened.close()


@pytest.fixture
def page_of(browser: Browser, live_server: Any) -> Iterator[PageOf]:
    """``page_of("zh-Hans", 390)``: a page in that language and width, at the product's address."""
    contexts: list[BrowserContext] = []
    faults: list[str] = []

    def open_page(language: str = "en", width: int = 1440, *, scheme: str = "light") -> Page:
        is_phone = width < _PHONE_WIDTH_MAX
        context = browser.new_context(
            base_url=live_server.url,
            locale=_LOCALES[language],
            viewport={"width": width, "height": 844 if is_phone else 900},
            color_scheme=scheme,  # type: ignore[arg-type]
            has_touch=is_phone,
        )
        context.set_default_timeout(_PATIENCE_MS)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on(
            "console",
            lambda said: faults.append(said.text) if "Content Security Policy" in said.text else None,
        )
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert faults == []


@pytest.fixture
def phone(browser: Browser) -> Iterator[Page]:
    """A page as wide as a phone, with scripts switched off."""
    context = browser.new_context(
        viewport={"width": 390, "height": 844},
        java_script_enabled=False,
        locale="en",
        has_touch=True,
        is_mobile=True,
    )
    yield context.new_page()
    context.close()


@pytest.fixture
def person_of(transactional_db: None) -> Callable[[str], Person]:
    """``person_of("admin")``: somebody of that role, with the password of these tests."""

    def make(role: str) -> Person:
        person = Person(email=f"{role}@spruce.test", name="Zhou Min", role=role, date_joined=clock.now())
        person.set_password(PASSWORD)
        person.save()
        return person

    return make


@pytest.fixture
def sign_in(person_of: Callable[[str], Person], client: Any, live_server: Any) -> SignIn:
    """``sign_in(page, "admin")``: the page belongs to somebody of that role from now on."""

    def enter(page: Page, role: str) -> Person:
        person = Person.objects.filter(role=role).first() or person_of(role)
        client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
        cookie = client.cookies["sessionid"]
        page.context.add_cookies([{"name": "sessionid", "value": cookie.value, "url": live_server.url}])
        return person

    return enter
