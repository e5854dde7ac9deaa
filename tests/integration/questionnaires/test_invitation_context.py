"""What the inviting room knows stays with the response; the thanks lead on inside the product only."""

from datetime import timedelta

import pytest
from django.test import Client

from huifang.kernel import clock
from huifang.kernel.ids import CustomerId
from huifang.questionnaires import queries, services
from huifang.questionnaires.definition_errors import ThanksPathError
from huifang.questionnaires.models import Response

pytestmark = pytest.mark.django_db


def _path(version_id: int, *, thanks_path: str = "", context: dict[str, str] | None = None) -> str:
    now = clock.now()
    return services.invite(
        customer_id=CustomerId(1),
        version_id=version_id,
        key="k1",
        language="en",
        mode="page",
        now=now,
        expires_at=now + timedelta(days=7),
        context=context,
        thanks_path=thanks_path,
    ).path


def _answer_all(client: Client, path: str) -> str:
    client.post(path, {"q": "satisfied", "a.satisfied": "5"})
    return client.post(path, {"q": "words", "a.words": "Good"}, follow=True).content.decode()


def test_the_context_is_copied_to_the_response(version_id: int, client: Client) -> None:
    context = {"event": "Payment Completed", "app_version": "8.1.0", "empty": "", "long": "x" * 900}
    _answer_all(client, _path(version_id, context=context))
    (record,) = queries.responses_of(customer_id=CustomerId(1))
    assert record.context == {"event": "Payment Completed", "app_version": "8.1.0", "long": "x" * 200}
    assert (record.event, record.app_version) == ("Payment Completed", "8.1.0")
    assert record.answers[0].context["event"] == "Payment Completed"
    assert Response.objects.get().context == record.context


def test_the_thanks_lead_to_what_the_plan_promised(version_id: int, client: Client) -> None:
    html = _answer_all(client, _path(version_id, thanks_path="/r/abc?l=en"))
    assert 'class="go" href="/r/abc?l=en"' in html


@pytest.mark.parametrize("language", ["en", "zh-Hans"])
def test_what_was_promised_is_read_in_the_language_of_the_answers(
    version_id: int, client: Client, language: str
) -> None:
    path = _path(version_id, thanks_path="/reward/abc?y=1")
    html = _answer_all(client, f"{path}?l={language}")
    assert f'class="go" href="/reward/abc?y=1&amp;l={language}"' in html


def test_without_a_promise_there_is_no_button(version_id: int, client: Client) -> None:
    assert 'class="go"' not in _answer_all(client, _path(version_id))


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://evil.test/",
        "//evil.test/",
        "/\\evil.test/",
        "javascript:alert(1)",
        "/a\nb",
        '/"><script>',
        "r/abc",
        "/\t/evil.test",
    ],
)
def test_an_address_that_leads_elsewhere_is_refused(version_id: int, elsewhere: str) -> None:
    with pytest.raises(ThanksPathError):
        _path(version_id, thanks_path=elsewhere)
