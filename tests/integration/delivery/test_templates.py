"""The library of message templates: versions, refusals, previews, and who uses which."""

from decimal import Decimal

import pytest
from django.db import ProgrammingError, transaction
from tests.integration.delivery import people
from tests.integration.delivery.conftest import Clock
from tests.integration.delivery.makers import wanted
from tests.integration.delivery.test_screens import sign_in

from huifang.delivery import library, queries, services
from huifang.delivery.errors import (
    PlaceholderUnknownError,
    TemplateEmptyError,
    TemplateNameTakenError,
    UnknownTemplateError,
)
from huifang.delivery.models import MessageTemplateVersion
from huifang.delivery.records import TemplateDraft

pytestmark = pytest.mark.django_db
BODY = {"en": "{wallet_name}: tell us: {link}", "zh-Hans": "{wallet_name}:请告诉我们:{link}"}


def draft(**changes: object) -> TemplateDraft:
    plain: dict[str, object] = {
        "id": None,
        "channel": "sms",
        "name": "First payment",
        "subject": {},
        "body": BODY,
        "fallback_language": "en",
    }
    return TemplateDraft(**{**plain, **changes})  # type: ignore[arg-type]


def save(now: Clock, **changes: object) -> tuple[int, int]:
    return services.save_template(draft=draft(**changes), by="person:1", now=now.at)


def test_each_change_of_words_is_a_version_that_cannot_be_changed(now: Clock) -> None:
    number, first = save(now)
    assert first == 1
    assert save(now, id=number) == (number, 1)
    assert save(now, id=number, body={**BODY, "en": "{link}"}) == (number, 2)
    assert [each.number for each in library.versions(number)] == [2, 1]
    assert queries.message_template(template_id=number).body["en"] == "{link}"
    with pytest.raises(ProgrammingError), transaction.atomic():
        MessageTemplateVersion.objects.update(changed_by="nobody")


def test_what_cannot_be_sent_is_refused_before_it_is_kept(now: Clock) -> None:
    with pytest.raises(PlaceholderUnknownError):
        save(now, body={"en": "Dear {name}"})
    with pytest.raises(TemplateEmptyError):
        save(now, body={"zh-Hans": "{link}"})
    save(now)
    with pytest.raises(TemplateNameTakenError):
        save(now)
    with pytest.raises(UnknownTemplateError):
        save(now, id=4711, name="Other")


def test_it_is_told_which_plans_sent_it(now: Clock) -> None:
    number, _ = save(now)
    whose = people.customer(now.at)
    with transaction.atomic():
        attempt = wanted(customer_id=whose, subject={}, body=BODY, plan_id=12)
        services.enqueue(attempt=attempt, now=now.at)
    (use,) = library.uses(number, now=now.at)
    assert (use.plan_id, use.label, use.count) == (12, "First payment", 1)


def test_parts_cost_what_the_account_says(now: Clock) -> None:
    people.sms_account("http://127.0.0.1:9", now.at, price_per_part="0.045")
    assert library.prices("sms", 2) == [("http", Decimal("0.090"))]


def test_the_screens_show_previews_warnings_and_versions(now: Clock) -> None:
    page = sign_in("operations", now)
    assert "/settings/templates/new/sms/" in page.get("/settings/templates/").content.decode()
    typed = {
        "name": "Thanks",
        "fallback_language": "en",
        "body_en": "Hello {link}",
        "body_zh-Hans": "你好 {link} 回T退订",
    }
    shown = page.post("/settings/templates/preview/sms/", typed).content.decode()
    assert "UCS-2" in shown
    assert "GSM-7" in shown
    assert "{wallet_name}" in shown  # it does not say who writes
    reply = page.post("/settings/templates/new/sms/", typed)
    assert reply.status_code == 302
    again = page.get(reply["Location"]).content.decode()
    assert "Hello {link}" in again
    broken = page.post("/settings/templates/new/sms/", {**typed, "body_en": "Dear {name}"})
    assert "{name}" in broken.content.decode()
    assert broken.status_code == 200
