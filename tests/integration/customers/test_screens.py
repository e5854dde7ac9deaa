"""Screens for staff: finding customers, looking at what is masked, noting a refusal."""

import re

import pytest
from django.test import Client
from django.urls import reverse
from tests.integration.customers.makers import (
    EMAIL,
    NOW,
    OTHER_PHONE,
    PHONE,
    apply,
    consented,
    event,
    identify,
    known,
    minutes,
)

from huifang.console.models import Person
from huifang.customers import queries, services
from huifang.customers.records import CustomerFilter
from huifang.kernel import audit, clock

pytestmark = pytest.mark.django_db


def signed_in(role: str) -> Client:
    person = Person.objects.create(email=f"{role}@example.com", role=role, date_joined=NOW, language="en")
    client = Client()
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def officer() -> Client:
    """Somebody who may see, reveal and note refusals."""
    return signed_in("case_officer")


def listed(client: Client, **query: str) -> str:
    return client.get(reverse("customers:list"), query).content.decode()


def test_an_empty_list_offers_the_first_step(officer):
    html = listed(officer)
    assert "/v1/identify" in html and "curl -u WRITE_KEY:" in html


def test_nobody_sees_the_list_without_the_right():
    assert Client().get(reverse("customers:list")).status_code == 302


def test_a_customer_is_found_by_the_start_of_the_id_or_by_a_whole_address():
    known("W-100", phone=PHONE)
    known("W-101", email=EMAIL)
    known("X-1", phone=OTHER_PHONE)

    def found(text: str) -> set[str]:
        page = queries.search(wanted=CustomerFilter(text=text))
        return {row.profile.external_id for row in page.rows}

    assert found("W-1") == {"W-100", "W-101"}
    assert found("138 0000 0421") == found(PHONE) == {"W-100"}
    assert found("LIN@EXAMPLE.COM") == {"W-101"}
    assert found("0421") == found("lin@") == found("\0") == found("x" * 5000) == found("%") == set()


def test_filters_narrow_and_combine():
    known("cn-soft", wallet_kind="soft", language="zh-CN", country="CN")
    known("cn-hard", wallet_kind="hard", language="zh-CN", country="CN")
    refused = known("sg-soft", wallet_kind="soft", language="en", country="SG")
    services.suppress(customer_id=refused, reason="asked", source="test", at=NOW)

    def found(**wanted: object) -> set[str]:
        page = queries.search(wanted=CustomerFilter(**wanted))  # type: ignore[arg-type]
        return {row.profile.external_id for row in page.rows}

    assert found(wallet_kind="soft") == {"cn-soft", "sg-soft"}
    assert found(wallet_kind="soft", region="CN") == {"cn-soft"}
    assert found(suppressed=True) == {"sg-soft"}
    assert found(suppressed=False, language="zh-Hans") == {"cn-soft", "cn-hard"}
    assert queries.regions() == ["CN", "SG"]


@pytest.mark.parametrize("sort", ["-seen", "seen", "-id", "id"])
def test_pages_show_each_customer_once_in_order(sort):
    apply(*(event(customer=f"W-{number:02}", at=minutes(number // 3)) for number in range(20)))
    seen: list[str] = []
    after = ""
    for _ in range(7):
        page = queries.search(wanted=CustomerFilter(sort=sort), after=after, limit=3)
        seen += [row.profile.external_id for row in page.rows]
        after = page.next_after
    assert after == ""
    assert sorted(seen) == [f"W-{number:02}" for number in range(20)]
    assert (seen[0] > seen[-1]) is sort.startswith("-")


@pytest.mark.parametrize("after", ["x", "1", ".", "9" * 30 + ".1", "1.2.3", "-5.1"])
def test_a_made_up_mark_is_no_error(officer, after):
    known()
    assert officer.get(reverse("customers:list"), {"after": after}).status_code == 200


def test_the_list_masks_names_and_shows_local_time_and_state(officer):
    consented("W-1", name="林小满", timezone="Asia/Shanghai", walletKind="hard", phone=PHONE)
    known("W-2")
    html = listed(officer)
    assert "林**" in html and "林小满" not in html and PHONE not in html
    assert "Asia/Shanghai" in html and "zone unknown" in html
    assert "consented" in html and "no consent" in html


def test_each_customers_own_time_is_shown(officer, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: NOW)
    known("W-1", timezone="America/New_York")
    known("W-2", timezone="Asia/Tokyo")
    html = listed(officer)
    assert re.findall(r'(\d\d:\d\d)</span> <span class="hf-3 hf-small">(\w+/\w+)', html) == [
        ("19:00", "Asia/Tokyo"),
        ("05:00", "America/New_York"),
    ]


def test_hostile_ids_and_names_are_shown_harmlessly(officer):
    for name in ["<script>alert(1)</script>", "../..", "a/b", "\u202egnp.exe", "👩🏽‍🚀", "y" * 255]:
        known(name, name='"><img src=x>')
    html = listed(officer)
    assert "<script>alert" not in html and "<img src=x" not in html
    assert "<bdi>" in html


def test_the_export_is_the_same_list_masked_and_without_formulas(officer):
    known("=1+1", name="Ada", email=EMAIL)
    reply = officer.get(reverse("customers:list"), {"export": "csv"})
    text = b"".join(reply.streaming_content).decode("utf-8-sig")
    lines = text.splitlines()
    assert lines[0].startswith("id,name,wallet,language,time_zone")
    assert lines[1].startswith("'=1+1,A***,")
    assert EMAIL not in text


def test_a_masked_value_is_shown_on_request_and_that_is_noted(officer):
    customer_id = known(phone=PHONE)
    reply = officer.post(
        reverse("customers:reveal", args=[customer_id, "phone"]), headers={"HX-Request": "true"}
    )
    assert PHONE in reply.content.decode() and "<html" not in reply.content.decode()
    assert PHONE in officer.post(reverse("customers:reveal", args=[customer_id, "phone"])).content.decode()
    entries = audit.entries(subject=f"customer:{customer_id}")
    assert [entry.action for entry in entries] == ["customer.revealed", "customer.revealed"]
    assert officer.get(reverse("customers:reveal", args=[customer_id, "phone"])).status_code == 405
    assert officer.post(reverse("customers:reveal", args=[customer_id, "secrets"])).status_code == 404


def test_without_the_right_nothing_is_revealed_or_refused():
    customer_id = known(phone=PHONE)
    owner = signed_in("product_owner")
    assert owner.post(reverse("customers:reveal", args=[customer_id, "phone"])).status_code == 403
    assert owner.post(reverse("customers:refuse", args=[customer_id])).status_code == 403
    panel = owner.get(reverse("customers:contact-points", args=[customer_id])).content.decode()
    assert "138****0421" in panel and "reveal" not in panel
    assert audit.entries(subject=f"customer:{customer_id}") == []


def test_the_customers_own_link_is_for_those_alone_who_may_refuse_for_them(officer):
    customer_id = known(phone=PHONE)
    address = reverse("customers:consents", args=[customer_id])
    assert "/p/" not in signed_in("product_owner").get(address).content.decode()
    assert "/p/" in officer.get(address).content.decode()


def test_staff_note_a_refusal_and_lift_it(officer):
    customer_id = consented(phone=PHONE)
    reply = officer.post(reverse("customers:refuse", args=[customer_id]), {"note": "said so on the phone"})
    assert reply.status_code == 302 and "W-1" in reply["Location"]
    assert "*" in queries.standings(customer_ids=[customer_id])[customer_id].suppressed_channels
    panel = officer.get(reverse("customers:consents", args=[customer_id])).content.decode()
    assert "said so on the phone" in panel
    officer.post(reverse("customers:lift", args=[customer_id]), {"channel": "*"})
    assert not queries.standings(customer_ids=[customer_id])[customer_id].suppressed_channels
    actions = [entry.action for entry in audit.entries(subject=f"customer:{customer_id}")]
    assert actions == ["customer.refusal_lifted", "customer.refused"]


def test_an_unknown_customer_is_not_found(officer):
    assert officer.get(reverse("customers:consents", args=[10**9])).status_code == 404


def test_a_retired_number_is_shown_as_such(officer):
    customer_id = known(phone=PHONE)
    apply(identify(phone=OTHER_PHONE, at=minutes(2)))
    panel = officer.get(reverse("customers:contact-points", args=[customer_id])).content.decode()
    assert "139****0422" in panel and "138****0421" in panel and "replaced" in panel
