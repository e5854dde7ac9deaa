"""`huifang up --demo`: within minutes there is life in what each screen shows, and a restart goes on."""

import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from tests.browser.running import RunningProduct, until
from tests.places import reachable_folder

pytestmark = pytest.mark.slow
# After one minute on a machine of its own; CI shares its.
LIFE_SECONDS = 240.0


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    with reachable_folder() as found:
        yield found


@pytest.fixture
def product(folder: Path) -> Iterator[RunningProduct]:
    running = RunningProduct(folder, is_demo=True)
    try:
        running.wait_until_ready()
        yield running
    finally:
        running.stop()
    assert running.faults() == []


def enter(product: RunningProduct) -> httpx.Client:
    """A browser that came in by the one click of a demo."""
    client = httpx.Client(base_url=product.url, timeout=30, follow_redirects=True, trust_env=False)
    client.get("/accounts/login/")
    client.post("/accounts/demo/admin/", data={"csrfmiddlewaretoken": client.cookies["csrftoken"]})
    return client


def count(client: httpx.Client, path: str, what: str) -> int:
    """How often *what* stands on the screen at *path*."""
    answer = client.get(path)
    assert answer.status_code == 200, path
    return answer.text.count(what)


def contacts(client: httpx.Client) -> int:
    """How many contacts there were, as the pager of their screen says."""
    found = re.search(r"of ([\d,]+)", client.get("/attempts/", headers={"accept-language": "en"}).text)
    return int(found[1].replace(",", "")) if found else 0


def test_every_screen_has_life_soon(product: RunningProduct) -> None:
    client = enter(product)
    assert count(client, "/plans/", "/plans/") >= 4
    for path, what, least in (
        ("/customers/", 'href="/customers/W-', 20),
        ("/attempts/?channel=in_app", 'href="/customers/W-', 10),
        ("/attempts/?channel=sms", 'href="/customers/W-', 3),
        ("/attempts/?channel=email", 'href="/customers/W-', 3),
        ("/demo/", 'href="/demo/W-', 20),
        ("/settings/sources/rejected/", "/settings/sources/rejected/", 2),
        *((f"/feedback/?metric={metric}", 'href="/customers/W-', 1) for metric in ("csat", "nps", "ces")),
    ):
        until(lambda: count(client, path, what) >= least, seconds=LIFE_SECONDS, what=path)  # noqa: B023
    for path in ("/", "/insights/", "/questionnaires/", "/settings/channels/"):
        assert client.get(path).status_code == 200


def test_a_demo_that_is_started_again_goes_on(product: RunningProduct) -> None:
    client = enter(product)
    assert count(client, "/customers/", 'href="/customers/W-') >= 20
    before = contacts(client)
    until(lambda: contacts(client) > before, seconds=LIFE_SECONDS, what="Another contact")
