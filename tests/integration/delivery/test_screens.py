"""The screens of the contact budget, the channels and the contacts."""

from datetime import timedelta

import pytest
from django.db import transaction
from django.test import Client
from tests.contract.delivery.providers import HttpProvider
from tests.integration.delivery import people
from tests.integration.delivery.conftest import Clock
from tests.integration.delivery.makers import wanted

from huifang.console.models import Person
from huifang.decisions.policy import DEFAULT_POLICY, Cap
from huifang.delivery import queries, sender, services
from huifang.delivery.models import Attempt, ChannelAccount
from huifang.kernel import audit

pytestmark = pytest.mark.django_db


def sign_in(role: str, now: Clock) -> Client:
    person = Person.objects.create(email=f"{role}@wallet.example", role=role, date_joined=now.at)
    client = Client(headers={"accept-language": "en"})
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client


def form_of(client: Client) -> dict[str, str]:
    """What the policy's form would send as it is shown."""
    forms = client.get("/settings/contact/").context["forms"]
    found = {}
    for form in [forms.form, *forms.caps]:
        for field in form:
            value = field.value()
            found[field.html_name] = "" if value is None else str(value)
    return found


def test_the_form_as_it_is_shown_changes_nothing_but_the_version(now: Clock) -> None:
    client = sign_in("operations", now)
    reply = client.post("/settings/contact/", form_of(client))
    assert reply.status_code == 302
    policy = queries.policy()
    assert policy.version == 2
    assert (policy.caps, policy.minimum_gap, policy.calendar) == (
        DEFAULT_POLICY.caps,
        DEFAULT_POLICY.minimum_gap,
        DEFAULT_POLICY.calendar,
    )
    assert {name: hours for name, hours in policy.hours.items() if name in DEFAULT_POLICY.hours} == dict(
        DEFAULT_POLICY.hours
    )


def test_a_changed_budget_holds_at_once_is_audited_and_can_be_taken_back(now: Clock) -> None:
    client = sign_in("operations", now)
    form = form_of(client) | {"cap-0-limit": "3", "sms_weekday": "10:00-12:00", "holdout_percent": "2.5"}
    assert client.post("/settings/contact/", form).status_code == 302
    policy = queries.policy()
    assert policy.caps[0] == Cap(scope="round", limit=3, window=timedelta(days=7))
    assert f"{policy.hours['sms'].weekday[0].start:%H:%M}" == "10:00"
    assert policy.global_holdout_basis_points == 250
    entry = audit.entries(subject="policy")[0]
    assert entry.facts["changed"] == ["caps", "global_holdout_basis_points", "hours"]
    assert client.post("/settings/contact/1/restore/").status_code == 302
    assert queries.policy().caps == DEFAULT_POLICY.caps
    assert queries.policy().version == 3


def test_every_control_of_the_form_has_a_name_to_be_read_out(now: Clock) -> None:
    forms = sign_in("operations", now).get("/settings/contact/").context["forms"]
    named = [field.field.widget.attrs["aria-label"] for cap in forms.caps for field in cap]
    named += [field.field.widget.attrs["aria-label"] for _, fields in forms.form.rows() for field in fields]
    assert len(set(named)) == len(named) == 4 * len(forms.caps) + 21
    assert "SMS: Weekends" in named


def test_an_emptied_line_is_taken_out_and_half_a_line_is_refused(now: Clock) -> None:
    client = sign_in("operations", now)
    empty = {"cap-1-limit": "", "cap-1-scope": "", "cap-1-every": ""}
    client.post("/settings/contact/", form_of(client) | empty)
    assert len(queries.policy().caps) == len(DEFAULT_POLICY.caps) - 1
    reply = client.post("/settings/contact/", form_of(client) | {"cap-0-limit": ""})
    assert reply.status_code == 200
    assert "Fill in the whole line" in reply.content.decode()
    assert queries.policy().version == 2


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("sms_weekday", "nine to five", "is no span of time"),
        ("calendar", "XX", "There is no calendar"),
        ("holdout_percent", "60", "less than or equal to 50"),
        ("cap-0-limit", "-1", "greater than or equal to 0"),
    ],
)
def test_what_cannot_be_used_is_said_at_its_place(now: Clock, field: str, value: str, told: str) -> None:
    client = sign_in("operations", now)
    reply = client.post("/settings/contact/", form_of(client) | {field: value})
    assert told in reply.content.decode()
    assert queries.policy().version == 1


def test_of_two_who_edit_at_once_the_second_is_told(now: Clock) -> None:
    client = sign_in("operations", now)
    form = form_of(client)
    client.post("/settings/contact/", form)
    reply = client.post(
        "/settings/contact/", form, headers={"referer": "http://testserver/settings/contact/"}
    )
    assert reply.status_code == 302
    assert queries.policy().version == 2
    assert "changed by somebody else" in client.get("/settings/contact/").content.decode()


def test_the_preview_says_what_a_draft_would_mean_and_stores_nothing(now: Clock) -> None:
    client = sign_in("operations", now)
    assert "at most 1 contact" in client.get("/settings/contact/").content.decode()
    draft = form_of(client) | {f"cap-{number}-limit": "50" for number in range(5)}
    reply = client.post("/settings/contact/preview/", draft | {"minimum_gap_hours": "24"})
    assert "at most 7 contacts" in reply.content.decode()
    assert queries.policy().version == 1
    broken = client.post("/settings/contact/preview/", draft | {"sms_weekday": "x"})
    assert "cannot be used yet" in broken.content.decode()


def test_who_may_only_look_changes_nothing(now: Clock) -> None:
    client = sign_in("developer", now)
    client.post("/settings/contact/", {"version": "1"})
    assert queries.policy().version == 1
    assert client.post("/settings/contact/1/restore/").status_code == 403
    assert sign_in("agent", now).get("/settings/contact/").status_code == 403


def test_an_account_is_made_tried_and_its_secret_never_shown(now: Clock, sms: HttpProvider) -> None:
    client = sign_in("operations", now)
    form = {
        "name": "Main",
        "per_second": "20",
        "priority": "1",
        "is_enabled": "on",
        "setting_url": sms.url,
        "setting_secret": people.SECRET,
        "setting_body": '{"id": "{key}", "to": "{to}", "text": "{text}"}',
        "setting_honours_keys": "no",
    }
    assert client.post("/settings/channels/new/sms/http/", form).status_code == 302
    account = ChannelAccount.objects.get(name="Main")
    page = client.get(f"/settings/channels/{account.pk}/").content.decode()
    assert sms.url in page
    assert people.SECRET not in page
    client.post(f"/settings/channels/{account.pk}/", form | {"setting_secret": "", "per_second": "5"})
    client.post(f"/settings/channels/{account.pk}/trial/", {"to": "+8613800138000"})
    assert "trial message" in sms.posted[0].json["text"]
    assert "webhook-signature" in sms.posted[0].headers
    assert Attempt.objects.count() == 0
    assert people.SECRET.encode() not in bytes(ChannelAccount.objects.get(pk=account.pk).sealed_settings)
    off = {name: value for name, value in form.items() if name != "is_enabled"} | {"setting_secret": ""}
    told = client.post(f"/settings/channels/{account.pk}/", off, follow=True).content.decode()
    assert "The account is kept, and off" in told


def test_settings_that_cannot_work_are_said_at_their_field(now: Clock) -> None:
    client = sign_in("operations", now)
    form = {"name": "M", "per_second": "1", "priority": "1", "setting_url": "ftp://x", "setting_secret": "s"}
    reply = client.post("/settings/channels/new/sms/http/", form)
    (told,) = reply.context["form"].errors["setting_url"]
    assert str(reply.context["form"].fields["setting_url"].label) in told
    assert "{field}" not in told and " url." not in told


def test_what_the_server_sets_is_shown_and_cannot_be_edited(now: Clock) -> None:
    client = sign_in("operations", now)
    page = client.get("/settings/channels/").content.decode()
    assert "set by the server" in page
    account = ChannelAccount.objects.get(channel="in_app")
    form = {"name": "x", "per_second": "1", "priority": "1"}
    assert client.post(f"/settings/channels/{account.pk}/", form).status_code == 200
    assert ChannelAccount.objects.get(pk=account.pk).name == "server"


def test_contacts_are_listed_by_state_day_and_plan_and_exported(now: Clock, sms: HttpProvider) -> None:
    people.sms_account(sms.url, now.at)
    customer_id = people.customer(now.at, "wallet-9")
    with transaction.atomic():
        services.enqueue(attempt=wanted(customer_id=customer_id, plan_id=7), now=now.at)
    sender.send_batch("sms")
    client = sign_in("operations", now)

    def total(query: str) -> int:
        found: int = client.get(f"/attempts/{query}").context["page"].total
        return found

    assert total("") == 1
    assert total("?state=accepted&channel=sms&plan=7&day=2025-03-12") == 1
    assert total("?state=failed") == 0
    assert total("?plan=8") == 0
    assert total("?day=2025-03-13") == 0
    assert total("?day=nonsense&state=nonsense&plan=x") == 1
    assert "/customers/wallet-9/" in client.get("/attempts/").content.decode()
    exported = b"".join(client.get("/attempts/?export=csv").streaming_content).decode()  # type: ignore[arg-type]
    assert "sms,First payment,accepted" in exported
    assert sign_in("developer", now).get("/attempts/").status_code == 200


def test_counts_and_health_are_of_what_was_asked_for_in_the_span(now: Clock, sms: HttpProvider) -> None:
    people.sms_account(sms.url, now.at)
    customer_id = people.customer(now.at)
    with transaction.atomic():
        services.enqueue(attempt=wanted(customer_id=customer_id, plan_id=7), now=now.at)
    sender.send_batch("sms")
    start, end = now.at, now.at + timedelta(hours=1)
    counts = queries.attempt_counts(start=start, end=end, by=("day", "channel", "state", "plan"))
    assert [(each.group, each.count) for each in counts] == [(("2025-03-12", "sms", "accepted", "7"), 1)]
    assert queries.attempt_counts(start=end, end=end + timedelta(1), by=("state",)) == []
    health = queries.plan_health(plan_ids=[7], since=start)  # type: ignore[list-item]
    assert [(each.handed_over, each.failed, each.refused) for each in health.values()] == [(1, 0, 0)]
    assert queries.withheld_reasons(start=start, end=end) == []
