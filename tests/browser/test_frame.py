"""The frame in a real browser: signing in, keys, live lists, destructive acts, refusals; both languages."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from tests.browser.opening import PASSWORD, PageOf, SignIn

from huifang.console import services
from huifang.console.models import Person
from huifang.kernel import clock


@pytest.mark.parametrize("language", ["en", "zh-Hans"])
@pytest.mark.parametrize("width", [1440, 390])
def test_somebody_signs_in_and_out(
    page_of: PageOf, person_of: Callable[[str], Person], language: str, width: int
) -> None:
    person_of("admin")
    page = page_of(language, width)
    page.goto("/settings/people/")
    expect(page.locator("html")).to_have_attribute("lang", language)
    page.fill("[name=login]", "admin@spruce.test")
    page.fill("[name=password]", PASSWORD)
    page.locator("main button[type=submit]").click()
    expect(page).to_have_url(re.compile("/settings/people/$"))
    expect(page.locator("tbody")).to_contain_text("admin@spruce.test")
    page.locator(".hf-nav form button").click()
    expect(page).to_have_url(re.compile("/accounts/login/"))


def test_the_page_follows_the_theme_of_the_device(page_of: PageOf) -> None:
    page = page_of("en", scheme="dark")
    page.goto("/accounts/login/")
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")
    page.emulate_media(color_scheme="light")
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "light")


def test_keys_go_search_and_help(page_of: PageOf, sign_in: SignIn) -> None:
    page = page_of()
    sign_in(page, "admin")
    page.goto("/settings/people/")
    page.keyboard.press("?")
    expect(page.locator("#help")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#help")).to_be_hidden()
    page.keyboard.press("g")
    page.keyboard.press("s")
    expect(page).to_have_url(re.compile("/settings/$"))


def test_arrows_open_a_menu_and_walk_in_it(page_of: PageOf, sign_in: SignIn) -> None:
    page = page_of()
    sign_in(page, "admin")
    page.goto("/settings/channels/")
    menu = page.locator("details.hf-menu").first
    menu.locator("summary").focus()
    page.keyboard.press("ArrowDown")
    stops = menu.locator("a")
    expect(stops.nth(0)).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(stops.nth(1)).to_be_focused()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    expect(stops.last).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(stops.nth(0)).to_be_focused()
    page.keyboard.press("Escape")
    expect(stops.nth(0)).to_be_hidden()
    expect(menu.locator("summary")).to_be_focused()


def test_keys_do_nothing_while_one_types(page_of: PageOf, sign_in: SignIn) -> None:
    page = page_of()
    sign_in(page, "admin")
    page.goto("/settings/people/invite/")
    page.locator("[name=name]").press_sequentially("gs?/1")
    expect(page.locator("[name=name]")).to_have_value("gs?/1")
    expect(page.locator("#help")).to_be_hidden()


def test_a_list_narrows_while_one_types_and_the_address_follows(
    page_of: PageOf, sign_in: SignIn, person_of: Callable[[str], Person]
) -> None:
    page = page_of()
    sign_in(page, "admin")
    person_of("agent")
    page.goto("/settings/people/?page=1")
    expect(page.locator("tbody tr")).to_have_count(2)
    page.locator("main [name=q]").press_sequentially("agent@")
    expect(page.locator("tbody tr")).to_have_count(1)
    expect(page).to_have_url(re.compile(r"/settings/people/\?q=agent%40$"))
    page.reload()
    expect(page.locator("tbody tr")).to_have_count(1)


def test_a_list_works_without_scripts(
    browser: object, live_server: object, page_of: PageOf, sign_in: SignIn
) -> None:
    page = page_of()
    sign_in(page, "admin")
    context = browser.new_context(  # type: ignore[attr-defined]
        java_script_enabled=False,
        base_url=live_server.url,  # type: ignore[attr-defined]
        storage_state=page.context.storage_state(),
    )
    plain = context.new_page()
    plain.goto("/settings/people/")
    plain.fill("main [name=q]", "nobody")
    plain.get_by_role("button", name="Show").click()
    expect(plain.locator("main")).to_contain_text("Nobody fits")
    context.close()


def test_a_destructive_act_asks_first(
    page_of: PageOf, sign_in: SignIn, person_of: Callable[[str], Person]
) -> None:
    page = page_of()
    sign_in(page, "admin")
    agent = person_of("agent")
    page.goto(f"/settings/people/{agent.pk}/")
    page.get_by_text("End access").click()
    assert Person.objects.get(pk=agent.pk).is_active
    page.get_by_role("button", name="End it").click()
    expect(page.locator("#messages")).to_contain_text("Access has ended")
    assert not Person.objects.get(pk=agent.pk).is_active


def test_a_refused_fragment_leaves_the_page_as_it_was(
    page_of: PageOf, sign_in: SignIn, person_of: Callable[[str], Person]
) -> None:
    """The role is taken away while the list is open."""
    page = page_of()
    admin = sign_in(page, "admin")
    page.goto("/settings/people/")
    Person.objects.filter(pk=admin.pk).update(role="agent")
    page.locator("main [name=q]").press_sequentially("zhou")
    expect(page.locator("#messages")).to_contain_text("Your role does not include this")
    expect(page.locator("tbody tr")).to_have_count(1)


def test_an_invitation_is_passed_on_and_used(page_of: PageOf, sign_in: SignIn) -> None:
    page = page_of()
    sign_in(page, "admin")
    page.goto("/settings/people/invite/")
    page.fill("[name=email]", "chen@spruce.test")
    page.select_option("[name=role]", "supervisor")
    page.get_by_role("button", name="Make the link").click()
    link = page.locator("#link").inner_text()
    guest = page_of("en", 390)
    guest.goto("/invitations/" + link.partition("/invitations/")[2])
    guest.fill("[name=name]", "陈屿")
    guest.fill("[name=password]", PASSWORD)
    guest.fill("[name=again]", PASSWORD)
    guest.get_by_role("button", name="Go in").click()
    guest.wait_for_url(lambda url: "/invitations/" not in url)
    assert Person.objects.get(email="chen@spruce.test").role == "supervisor"


def test_the_demo_lets_one_in_at_one_click(page_of: PageOf, settings: object) -> None:
    settings.IS_DEMO = True  # type: ignore[attr-defined]
    services.ensure_demo_people(now=clock.now())
    page = page_of()
    page.goto("/accounts/login/")
    page.get_by_role("button", name="Developer").click()
    page.goto("/settings/you/")
    expect(page.locator("main [name=name]")).to_have_value("高远 Gao Yuan")


@pytest.mark.parametrize("path", ["/accounts/login/", "/settings/", "/settings/people/", "/settings/roles/"])
@pytest.mark.parametrize("width", [1440, 390])
def test_no_page_is_wider_than_its_window(page_of: PageOf, sign_in: SignIn, path: str, width: int) -> None:
    page = page_of("en", width)
    if path.startswith("/settings"):
        sign_in(page, "admin")
    page.goto(path)
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def put(page: Page, html: str) -> None:
    """Put *html* on the page as a fragment from the server would come."""
    page.evaluate(
        """(html) => {
            const main = document.getElementById("main");
            main.innerHTML = html;
            main.dispatchEvent(new CustomEvent("htmx:afterSettle", { bubbles: true }));
        }""",
        html,
    )


def test_a_digit_does_what_is_marked_with_it(page_of: PageOf, sign_in: SignIn) -> None:
    page = page_of()
    sign_in(page, "admin")
    page.goto("/settings/")
    put(page, '<a href="/settings/roles/" data-digit="2">Go</a>')
    page.keyboard.press("1")
    expect(page).to_have_url(re.compile("/settings/$"))
    page.keyboard.press("2")
    expect(page).to_have_url(re.compile("/settings/roles/$"))


def test_a_list_is_put_in_order_by_keyboard_and_by_mouse(page_of: PageOf, sign_in: SignIn) -> None:
    page = page_of()
    sign_in(page, "admin")
    page.goto("/settings/")
    items = "".join(f'<li><button data-handle type="button">{name}</button></li>' for name in "ABC")
    put(page, f'<ol data-sortable id="order">{items}</ol>')
    order = page.locator("#order")
    page.locator("[data-sorting]").wait_for()
    page.evaluate("window.sorted = 0; order.addEventListener('sorted', () => window.sorted++)")
    order.get_by_role("button", name="C").focus()
    page.keyboard.press("Alt+ArrowUp")
    expect(order).to_have_text("ACB")
    order.get_by_role("button", name="A").drag_to(order.get_by_role("button", name="B"))
    expect(order).to_have_text("CBA")
    assert page.evaluate("window.sorted") == 2


def test_a_chart_is_drawn_from_its_table(page_of: PageOf, sign_in: SignIn) -> None:
    page = page_of()
    sign_in(page, "admin")
    page.goto("/settings/")
    rows = "".join(f"<tr><td>{day}</td><td>{day * 10}</td><td>{day}</td></tr>" for day in range(1, 8))
    head = "<thead><tr><th>Day</th><th>Contacted</th><th>No consent</th></tr></thead>"
    table = f'<div class="hf-canvas"></div><table>{head}<tbody>{rows}</tbody></table>'
    put(page, f'<figure class="hf-figure" data-chart="split" data-below="Held back">{table}</figure>')
    page.locator("figure canvas").wait_for()
    assert page.evaluate("document.querySelector('figure canvas').width") > 100
