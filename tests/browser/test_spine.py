"""The spine in a browser, against a whole product: operator, wallet, customer, operator, and why.

Everything is real: processes, gateway, stock Segment client, pages. Only time is compressed, so that two
hours pass in seconds. Texts of the screens are left to translators: what is read is what people wrote.
"""

import re
from collections.abc import Iterator
from urllib.error import HTTPError

import pytest
import segment.analytics as segment
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect
from tests.browser.opening import PASSWORD
from tests.browser.running import RunningProduct, until
from tests.places import reachable_folder

pytestmark = pytest.mark.slow
LOCALES = {"zh-Hans": "zh-CN", "en": "en-GB"}
WAIT = {"zh-Hans": "2小时", "en": "2 hours"}
WORDS = {
    "zh-Hans": "扣了两次钱，过了一天才退回来，没人告诉我。",
    "en": "Charged twice & refunded only a day later; <nobody> told me.",
}
PLAN = {"zh-Hans": "首次支付后回访", "en": "After the first payment"}
CONSENT = {"zh-Hans": "可以就我们的服务回访您吗？", "en": "May we ask you about our service?"}
# Two hours in compressed time, and as much patience with a slow machine.
CONTACT_SECONDS = 180.0


@pytest.fixture(scope="module")
def product(browser: Browser) -> Iterator[RunningProduct]:
    """One running product for both languages; asked for after the browser, without which nothing starts."""
    with reachable_folder() as folder:
        running = RunningProduct(folder)
        try:
            running.wait_until_ready()
            yield running
        finally:
            running.stop()
        assert running.faults() == []


@pytest.fixture(scope="module")
def api_key(product: RunningProduct) -> str:
    return product.command("api-key", "create", "--name", "reader", "--role", "admin")


@pytest.fixture(scope="module")
def write_key(product: RunningProduct) -> str:
    return product.command("write-key", "create", "--name", "wallet")


@pytest.fixture
def operator(browser: Browser, product: RunningProduct, language: str) -> Iterator[Page]:
    """Somebody of operations, signed in by their invitation; scripts and policy must not fail them."""
    context = browser.new_context(
        base_url=product.url, locale=LOCALES[language], viewport={"width": 1440, "height": 900}
    )
    context.set_default_timeout(30_000)
    page, faults = context.new_page(), list[str]()
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda said: faults.append(said.text) if said.type == "error" else None)
    sign_in(page, product, language)
    yield page
    context.close()
    assert faults == []


@pytest.fixture
def phone(browser: Browser, language: str) -> Iterator[BrowserContext]:
    """A customer's phone, with scripts switched off."""
    context = browser.new_context(
        viewport={"width": 390, "height": 844},
        locale=LOCALES[language],
        java_script_enabled=False,
        has_touch=True,
        is_mobile=True,
    )
    context.set_default_timeout(30_000)
    yield context
    context.close()


@pytest.mark.parametrize("language", ["zh-Hans", "en"])
def test_an_event_walks_to_an_answer_and_to_why(
    product: RunningProduct,
    api_key: str,
    write_key: str,
    operator: Page,
    phone: BrowserContext,
    language: str,
) -> None:
    put_plan_live(operator, language)
    asked, silent = f"W-{language}-1", f"W-{language}-2"
    pay(product, write_key, asked, language, has_consented=True)
    pay(product, write_key, silent, language, has_consented=False)

    answer(phone.new_page(), receive(product, api_key, asked), language)

    read_answer(operator, language)
    read_why(operator, product, api_key, asked, language)
    read_why_not(operator, product, api_key, silent, language)


def sign_in(page: Page, product: RunningProduct, language: str) -> None:
    """Take the invitation, set a password, leave, and come back with it."""
    email = f"{language.lower()}@spruce.test"
    page.goto(product.command("person", "create", "--email", email, "--role", "operations"))
    expect(page.locator("html")).to_have_attribute("lang", language)
    page.fill("[name=name]", "沈言 Shen Yan")
    page.fill("[name=password]", PASSWORD)
    page.fill("[name=again]", PASSWORD)
    page.locator("main button[type=submit]").click()
    page.locator(".hf-nav form button").click()
    page.fill("[name=login]", email)
    page.fill("[name=password]", PASSWORD)
    page.locator("main button[type=submit]").click()
    expect(page.locator(".hf-nav")).to_be_visible()


def go(page: Page, letter: str, path: str) -> None:
    """Go by the keyboard, once the page listens."""
    page.wait_for_load_state()
    page.keyboard.press("g")
    page.keyboard.press(letter)
    expect(page).to_have_url(re.compile(f"{path}$"))


def put_plan_live(page: Page, language: str) -> None:
    """Open the ready plan, or the one that the other language made, let it wait two hours, put it live."""
    go(page, "q", "/questionnaires/")
    ready = page.locator("form[action='/questionnaires/pack/'] button")
    if ready.count():
        ready.first.click()
        expect(page.locator("tbody tr").first).to_be_visible()
    go(page, "p", "/plans/")
    link = page.get_by_role("link", name=PLAN[language], exact=True)
    if link.count():
        link.click()
    else:
        page.locator("a[href='/plans/new/']").first.click()
        page.locator("form:has([value=after-first-payment]) button").click()
    expect(page.locator("h1")).to_contain_text(PLAN[language])
    page.locator("#clause-wait a").click()
    page.fill("[name=delay]", WAIT[language])
    page.keyboard.press("Enter")
    expect(page.locator("#clause-wait .hf-slot")).to_have_text(re.compile("^2"))
    live = page.locator("details.hf-confirm:has(form[action$='/act/activate/'])")
    live.locator("summary").click()
    live.locator("button[type=submit]").click()
    expect(live).to_have_count(0)


def pay(
    product: RunningProduct, write_key: str, external_id: str, language: str, *, has_consented: bool
) -> None:
    """Introduce a customer and let them pay, with the client that wallets use."""
    failed: list[object] = []
    client = segment.Client(
        write_key=write_key, host=product.gateway_url, on_error=lambda error, _: failed.append(error)
    )
    consents = [{"purpose": "service_follow_up", "given": True, "wording": CONSENT[language]}]
    traits = {
        "name": "Li Na",
        "phone": "+8613800000421",
        "language": LOCALES[language],
        "timezone": "Asia/Shanghai",
        "walletKind": "soft",
        "consents": consents if has_consented else [],
    }
    client.identify(external_id, traits)
    client.track(external_id, "Payment Completed", {"amount": 328.0, "currency": "CNY"})
    client.shutdown()
    assert failed == []


def receive(product: RunningProduct, api_key: str, external_id: str) -> str:
    """The link in the customer's app, once it is there."""

    def inbox() -> list[dict[str, str]]:
        try:
            found = product.get(f"/customers/{external_id}/inbox", key=api_key)
        except HTTPError as error:
            assert error.code == 404, "The customer becomes known a moment after the event."
            return []
        messages: list[dict[str, str]] = found["messages"]
        return messages

    (message,) = until(inbox, seconds=CONTACT_SECONDS, what="The message in the app")
    assert message["link"].startswith(product.url)
    return message["link"]


def answer(page: Page, link: str, language: str) -> None:
    """Answer as an unhappy customer does, on a phone, to the end."""
    page.goto(link)
    expect(page.locator("html")).to_have_attribute("lang", language)
    is_too_wide = "document.documentElement.scrollWidth > innerWidth"
    assert page.evaluate(is_too_wide) is False
    tap(page.locator("button[name='a.satisfied'][value='2']"))
    tap(page.locator("button[name='a.reason'][value='failed']"))
    page.fill("textarea[name='a.words']", WORDS[language])
    tap(page.locator("button.go"))
    expect(page.locator(".said h1")).to_be_visible()


def tap(target: Locator) -> None:
    """Touch *target*, which is as large as a finger needs it."""
    box = target.bounding_box()
    assert box is not None
    assert min(box["width"], box["height"]) >= 44
    target.tap()


def read_answer(page: Page, language: str) -> None:
    """Read on Feedback what the customer wrote, and that the score was low."""
    go(page, "f", "/feedback/")
    expect(page.locator("main")).to_contain_text(WORDS[language])


def read_why(page: Page, product: RunningProduct, api_key: str, external_id: str, language: str) -> None:
    """Find the customer and read the whole chain: event, decisions, attempt, answer, consent."""
    find_customer(page, external_id)
    expect(page.locator(".hf-a")).not_to_be_empty()
    expect(page.locator(".hf-answer-box")).to_contain_text(PLAN[language])
    expect(page.locator(".hf-life .hf-voice")).to_have_text(WORDS[language])
    life = page.locator(".hf-life")
    for words in (CONSENT[language], PLAN[language], "328.00 CNY"):
        expect(life).to_contain_text(words)
    expect(life.locator(".hf-rules li.yes").first).to_be_visible()
    moments = product.get(f"/customers/{external_id}/timeline", key=api_key)["moments"]
    kinds = [moment["kind"] for moment in moments]
    assert [moment["at"] for moment in moments] == sorted(moment["at"] for moment in moments)
    assert {kind: kinds.count(kind) for kind in ("event", "attempt", "answer", "consent")} == {
        "event": 2,
        "attempt": 1,
        "answer": 1,
        "consent": 1,
    }
    said = [
        (each["what"]["stage"], each["what"]["outcome"]) for each in moments if each["kind"] == "decision"
    ]
    assert said[0] == ("enrol", "contact")
    assert said[-1] == ("dispatch", "contact")
    for kind in ("event", "decision", "attempt", "answer", "consent"):
        expect(page.locator(f"a.hf-chip[href='?kind={kind}']")).to_contain_text(str(kinds.count(kind)))


def read_why_not(page: Page, product: RunningProduct, api_key: str, external_id: str, language: str) -> None:
    """The other customer never agreed: nothing was sent, and the page says so."""
    find_customer(page, external_id)
    expect(page.locator(".hf-answer-box")).to_contain_text(PLAN[language])
    decision = page.locator(".hf-life li", has_text=PLAN[language])
    expect(decision).to_contain_text("no_consent")
    expect(decision.locator(".hf-rules li.no")).to_have_count(1)
    moments = product.get(f"/customers/{external_id}/timeline", key=api_key)["moments"]
    assert [each["kind"] for each in moments].count("attempt") == 0
    reasons = [each["what"]["reason"] for each in moments if each["kind"] == "decision"]
    assert reasons == ["no_consent"]


def find_customer(page: Page, external_id: str) -> None:
    """Find a customer by the wallet's id, with the keyboard."""
    page.wait_for_load_state()
    page.keyboard.press("/")
    page.keyboard.type(external_id)
    page.keyboard.press("Enter")
    page.locator(f"a[href='/customers/{external_id}/']").first.click()
    expect(page.locator("main")).to_contain_text(external_id)
