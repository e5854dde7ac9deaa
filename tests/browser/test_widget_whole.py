"""After a payment the widget, in the wallet's own page, asks for an answer: through a whole product."""

import json
from collections.abc import Callable, Iterator
from typing import Any
from urllib.request import Request, urlopen

import pytest
from playwright.sync_api import Browser, Page, expect
from tests.browser.hosts import Host
from tests.browser.running import RunningProduct
from tests.browser.test_spine import LOCALES, pay, put_plan_live, sign_in
from tests.places import reachable_folder

from huifang.questionnaires.widget.identity import expected

pytestmark = pytest.mark.slow
CONTACT_SECONDS = 240.0
WORDS = {"zh-Hans": "扣了两次钱 <b>", "en": "Charged twice <b>"}
Call = Callable[..., Any]
Open = Callable[..., Page]


@pytest.fixture(scope="module")
def product(browser: Browser) -> Iterator[RunningProduct]:
    with reachable_folder() as folder:
        running = RunningProduct(folder)
        try:
            running.wait_until_ready()
            yield running
        finally:
            running.stop()
        assert running.faults() == []


@pytest.fixture(scope="module")
def call(product: RunningProduct) -> Call:
    """``call("POST", "/widget-sites", {...})``: what the HTTP API answers."""
    key = product.command("api-key", "create", "--name", "builder", "--role", "admin")
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}

    def ask(method: str, path: str, body: object = None) -> Any:
        sent = None if body is None else json.dumps(body).encode()
        asked = Request(f"{product.url}/api/v1{path}", data=sent, method=method, headers=headers)
        with urlopen(asked, timeout=30) as reply:
            return json.load(reply)

    return ask


@pytest.fixture(scope="module")
def host(product: RunningProduct) -> Iterator[Host]:
    made = Host(product.url)
    yield made
    made.stop()


@pytest.fixture(scope="module")
def site(call: Call, host: Host) -> dict[str, Any]:
    """A site that allows the host's origin."""
    made = call("POST", "/widget-sites", {"name": "Web wallet", "origins": [host.origin]})
    return {**made, "key": call("GET", "/widget-sites")["sites"][0]["key"]}


@pytest.fixture(scope="module")
def write_key(product: RunningProduct, browser: Browser) -> str:
    """The ready plan asks in the app two hours after a payment; the key to send one with."""
    context = browser.new_context(
        base_url=product.url, locale="en-GB", viewport={"width": 1440, "height": 900}
    )
    context.set_default_timeout(30_000)
    page = context.new_page()
    sign_in(page, product, "en")
    put_plan_live(page, "en")
    context.close()
    return product.command("write-key", "create", "--name", "wallet")


@pytest.fixture
def visit(browser: Browser, host: Host, site: dict[str, Any]) -> Iterator[Open]:
    """``visit("W-1", "en", 390)``: the wallet's page with the widget, as that customer sees it."""
    contexts, faults = [], list[str]()

    def open_page(customer: str, language: str, width: int = 1280, **data: str) -> Page:
        context = browser.new_context(
            locale=LOCALES[language], viewport={"width": width, "height": 844}, has_touch=width < 600
        )
        context.set_default_timeout(20_000)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("console", lambda said: faults.append(said.text) if "Security Policy" in said.text else None)
        proof = expected(site["secret"], customer)
        known = {"wallet": site["key"], "customer": customer, "hash": proof, "every": "2", **data}
        page.goto(host.page(language, **known))
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert faults == []


@pytest.mark.parametrize(("language", "width"), [("zh-Hans", 1280), ("en", 390)])
def test_a_payment_brings_a_card_and_what_is_tapped_there_is_an_answer(
    product: RunningProduct, write_key: str, call: Call, visit: Open, language: str, width: int
) -> None:
    customer = f"W-{language}"
    page = visit(customer, language, width)
    expect(page.locator("h1")).to_be_visible()
    assert page.locator("huifang-widget").count() == 0
    pay(product, write_key, customer, language, has_consented=True)

    card = page.get_by_role("dialog")
    expect(card).to_be_visible(timeout=CONTACT_SECONDS * 1000)
    assert page.evaluate("document.activeElement === document.body")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    card.locator("button[value='2']").click()
    card.locator("button[value='failed']").click()
    card.locator("textarea").fill(WORDS[language])
    card.locator(".go").click()
    expect(card.locator("textarea")).to_have_count(0)
    expect(card.locator("h2")).not_to_be_empty()

    (response,) = [each for each in call("GET", "/responses")["responses"] if each["language"] == language]
    assert (response["mode"], response["channel"], response["state"]) == ("in_app", "in_app", "completed")
    assert response["answers"][0]["number"] == 2
    assert WORDS[language] in [each["text"] for each in response["answers"]]
