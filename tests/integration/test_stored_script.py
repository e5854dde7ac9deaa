"""Markup, scripts and template code, stored through every text field of every form, come out as text.

Nothing is listed by hand: the console is walked through by its links, each form that takes text is filled in
with what would run, and then the console is walked through once more.
"""

from datetime import timedelta
from urllib.parse import urljoin, urlsplit

import pytest
from django.test import Client
from tests.integration.forms import Form, Page
from tests.integration.insights.test_screens import follow_up
from tests.integration.plans.makers import START, live
from tests.integration.walking import is_avoided, route_of, walk

from huifang.console.models import Person
from huifang.kernel import clock

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
MARKUP = "\"'><img src=hfx onerror=hfx()><script>hfx()</script></textarea>hf{{7*7}}hf{% now 'Y' %}${7*7}"
ADDRESS = "javascript:hfx()//https://hfx.test"
FORMS_MIN, SCREENS_MIN = 25, 12


@pytest.fixture
def staff(client: Client, monkeypatch: pytest.MonkeyPatch) -> Client:
    """An administrator, a live plan, and customers who were asked and wrote something."""
    monkeypatch.setattr(clock, "now", lambda: START + timedelta(days=2))
    live(at=START)
    follow_up("lin", score=1, words="Waited for hours")
    follow_up("wei", score=None)
    person = Person.objects.create(
        email="walk@spruce.test", name="Walk", role="admin", date_joined=clock.now()
    )
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    client.raise_request_exception = False
    return client


def fill(client: Client, address: str, form: Form, text: str) -> bool:
    """Send *form* with *text* in each field that takes it; whether it was taken."""
    values = form.values | {
        name: [text] for name in form.texts if name not in {"next", "csrfmiddlewaretoken", "email"}
    }
    action = urljoin(address, form.action or address)
    if not action.startswith("/") or is_avoided(action):
        return False
    reply = client.post(action, values)
    assert reply.status_code < 500, (action, reply.status_code)
    return reply.status_code in {200, 204, 302, 303}


def what_runs(markup: str) -> list[str]:
    """Elements and addresses that the stored text became."""
    page = Page(markup)
    found = [f"<{tag}> {given}" for tag, given in page.elements if given.get("src") == "hfx"]
    found += [f"script {text[:80]}" for text in page.scripts if "hfx" in text]
    for tag, given in page.elements:
        found += [f"<{tag} {name}>" for name in given if name.startswith("on")]
        for name in ("href", "src", "action", "formaction", "hx-get", "hx-post"):
            if given.get(name, "").strip().lower().startswith("javascript:"):
                found.append(f"<{tag} {name}={given[name][:60]}>")
    if "hf49hf" in markup:
        found.append("template code was run")
    return found


def test_what_is_stored_through_any_form_never_runs(staff: Client) -> None:
    taken: set[tuple[str, str]] = set()
    for text in (MARKUP, ADDRESS):
        forms = [
            (address, form)
            for address, reply in walk(staff)
            if "html" in reply.get("Content-Type", "")
            for form in Page(reply.content.decode()).forms
            if form.is_post and form.texts and not form.has_files
        ]
        for address, form in forms:
            if fill(staff, address, form, text):
                taken.add((route_of(urlsplit(urljoin(address, form.action or address)).path), text[:4]))
    showing = 0
    for address, reply in walk(staff):
        assert reply.status_code < 500, address
        if "html" in reply.get("Content-Type", ""):
            markup = reply.content.decode()
            assert not what_runs(markup), (address, what_runs(markup))
            showing += "hfx" in markup
    assert len(taken) >= FORMS_MIN, sorted(taken)
    assert showing >= SCREENS_MIN


def test_what_would_run_is_found() -> None:
    assert what_runs(f"<p>{MARKUP}</p>")
    assert what_runs(f'<a href="{ADDRESS}">x</a>')
    assert what_runs("<p>hf49hf</p>")
    assert not what_runs("<p>&lt;img src=hfx onerror=hfx()&gt;</p>")
