"""Every screen as axe-core hears it, in both languages: no finding, one heading, no sideways scroll."""

from datetime import timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.test import Client
from playwright.sync_api import Page
from tests.browser.opening import PageOf, SignIn
from tests.integration.insights.test_screens import follow_up
from tests.integration.plans.makers import START, enrolment, live
from tests.integration.walking import walk

from huifang.customers import queries as customers
from huifang.kernel import clock
from huifang.kernel.ids import InvitationId
from huifang.questionnaires.models import Invitation
from huifang.questionnaires.queries import invitation_path

pytestmark = pytest.mark.slow
WIDTHS = pytest.mark.parametrize(("language", "width"), [("en", 1440), ("zh-Hans", 390)])
SCREENS_MIN = 50
_LOOK = """() => ({
  headings: document.querySelectorAll("h1").length,
  language: document.documentElement.lang,
  isTooWide: document.documentElement.scrollWidth > innerWidth,
  twice: [...document.querySelectorAll("[id]")].map(({ id }) => id).filter((id, at, i) => i.indexOf(id) < at),
})"""
_UNFOLD = "() => document.querySelectorAll('details').forEach((each) => { each.open = true; })"


@pytest.fixture
def wallet(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """A live plan, and two customers who were asked; one of them wrote something."""
    monkeypatch.setattr(clock, "now", lambda: START + timedelta(days=2))
    live(at=START)
    follow_up("lin", score=1, words="Waited for hours and nobody answered")
    follow_up("wei", score=None)


def faults(page: Page, language: str) -> list[str]:
    """What somebody who listens or holds a phone would stumble over here; an empty *language* is any."""
    looked = page.evaluate(_LOOK)
    found = [f"{looked['headings']} first headings"] if looked["headings"] != 1 else []
    found += [f"speaks {looked['language']}"] if language not in {"", looked["language"]} else []
    found += ["scrolls sideways"] if looked["isTooWide"] else []
    found += [f"two of #{name}" for name in looked["twice"]]
    page.evaluate(_UNFOLD)
    heard = Axe().run(page).response["violations"]
    return found + [
        f"{each['impact']} {each['id']}: {node['target']} {node['html'][:120]}"
        for each in heard
        for node in each["nodes"][:3]
    ]


@WIDTHS
def test_no_screen_of_the_console_shuts_anybody_out(
    page_of: PageOf, sign_in: SignIn, client: Client, wallet: None, language: str, width: int
) -> None:
    page = page_of(language, width)
    sign_in(page, "admin")
    client.post("/questionnaires/pack/")
    screens = [
        address for address, reply in walk(client, a_route=1) if "html" in reply.get("Content-Type", "")
    ]
    found = {}
    for address in screens:
        page.goto(address)
        # A preview speaks the language of what it shows.
        if stumbles := faults(page, "" if "/preview/" in address else language):
            found[address] = stumbles
    assert found == {}
    assert len(screens) >= SCREENS_MIN


@WIDTHS
def test_no_page_for_customers_or_strangers_shuts_anybody_out(
    page_of: PageOf, wallet: None, language: str, width: int
) -> None:
    profile = customers.profile(external_id="wei")
    invitation = Invitation.objects.get(key=f"enrolment:{enrolment(profile.id).pk}")
    addresses = [
        f"{invitation_path(invitation_id=InvitationId(invitation.pk))}?l={language}",
        f"{customers.preference_path(customer_id=profile.id)}?l={language}",
        "/accounts/login/",
        "/s/nothing",
    ]
    page = page_of(language, width)
    found = {}
    for address in addresses:
        page.goto(address)
        if stumbles := faults(page, language):
            found[address] = stumbles
    assert found == {}


def test_what_shuts_somebody_out_is_found(page_of: PageOf) -> None:
    page = page_of()
    page.goto("/accounts/login/")
    assert faults(page, "en") == []
    page.evaluate(
        """() => document.body.insertAdjacentHTML("beforeend",
        "<h1 id=a>x</h1><p id=a><input name=q></p><div class=wide>x</div>")"""
    )
    page.evaluate("() => { document.querySelector('.wide').style.width = '5000px' }")
    said = " ".join(faults(page, "en"))
    assert all(
        each in said for each in ("2 first headings", "two of #a", "scrolls sideways", "critical label")
    )
