"""The customer's own page: no cookie, no script, every choice holds at once and can be undone there."""

import json
import re
from datetime import timedelta
from html import unescape

import pytest
from django.test import Client
from tests.integration.customers.makers import (
    EMAIL,
    NOW,
    PHONE,
    apply,
    consented,
    event,
    identify,
    known,
    minutes,
)

from huifang.customers import holding, preferences, queries, services
from huifang.customers.models import Suppression
from huifang.customers.records import PURPOSES, Answered, Sent
from huifang.kernel import audit, clock, vault

pytestmark = pytest.mark.django_db


@pytest.fixture
def phone():
    """A customer's browser: keeps no cookies, passes no CSRF check."""
    return Client(enforce_csrf_checks=True)


def switches(html: str) -> dict[str, bool]:
    """Each switch on the page and whether it is on."""
    found = re.findall(r'aria-checked="(true|false)" name="(?:on|off)" value="(\w+)"', html)
    return {channel: is_on == "true" for is_on, channel in found}


def purposes(html: str) -> dict[str, bool]:
    """Each purpose on the page and whether it is agreed to."""
    found = re.findall(r'aria-checked="(true|false)" name="(?:withdraw|agree)" value="(\w+)"', html)
    return {purpose: is_on == "true" for is_on, purpose in found}


def words(html: str) -> str:
    """What stands on the page, as a person reads it."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


def test_the_page_shows_each_way_that_reaches_the_customer(phone):
    path = queries.preference_path(customer_id=consented(phone=PHONE, email=EMAIL, language="en"))
    reply = phone.get(path)
    html = reply.content.decode()
    assert switches(html) == {"in_app": True, "sms": True, "email": True, "phone": True}
    assert "138****0421" in html and PHONE not in html and EMAIL not in html
    assert not reply.cookies
    assert "<script" not in html and "style=" not in html
    assert reply["Cache-Control"] == "no-store" and reply["Referrer-Policy"] == "no-referrer"
    assert len(reply.content) < 60_000


def test_it_speaks_the_customers_language_and_offers_the_other(phone):
    chinese = queries.preference_path(customer_id=known("zh", language="zh-CN"))
    english = queries.preference_path(customer_id=known("en", language="en"))
    assert phone.get(chinese)["Content-Language"] == "zh-Hans"
    assert 'lang="zh-Hans"' in phone.get(chinese).content.decode()[:200]
    assert phone.get(english)["Content-Language"] == "en"
    assert 'hreflang="zh-Hans"' in phone.get(english).content.decode()
    assert phone.get(f"{english}?l=zh-Hans")["Content-Language"] == "zh-Hans"
    assert phone.get(f"{english}?l=xx")["Content-Language"] == "en"


def test_one_channel_is_switched_off_and_undone_right_there(phone):
    customer_id = consented(phone=PHONE, language="en")
    path = queries.preference_path(customer_id=customer_id)
    reply = phone.post(path, {"off": "sms"})
    assert reply.status_code == 303
    html = phone.get(reply["Location"]).content.decode()
    assert switches(html) == {"in_app": True, "sms": False, "phone": True}
    assert 'name="on" value="sms">Undo' in html
    again = phone.post(path, {"on": "sms"}, follow=True).content.decode()
    assert switches(again) == {"in_app": True, "sms": True, "phone": True}


def test_nothing_at_all_is_one_tap_and_one_tap_back(phone):
    customer_id = consented(phone=PHONE, language="en")
    path = queries.preference_path(customer_id=customer_id)
    html = phone.post(path, {"off": "*"}, follow=True).content.decode()
    assert switches(html) == {}
    assert queries.standings(customer_ids=[customer_id])[customer_id].suppressed_channels >= {"*"}
    html = phone.post(path, {"on": "*"}, follow=True).content.decode()
    assert switches(html) == {"in_app": True, "sms": True, "phone": True}


def test_switching_on_what_was_never_agreed_to_is_consent_with_its_wording(phone):
    customer_id = known(phone=PHONE, language="en")
    path = queries.preference_path(customer_id=customer_id)
    phone.post(path, {"on": "sms"})
    standing = queries.standings(customer_ids=[customer_id])[customer_id]
    assert standing.consented_channels == {"sms"}
    entry = queries.consent_entries(customer_id=customer_id)[0]
    assert (entry.channel, entry.source) == ("sms", "preference_page")
    assert "I agree to hear from" in entry.wording


def test_other_consents_are_taken_back_and_given_again(phone):
    customer_id = consented(language="en")
    services.record_consent(
        customer_id=customer_id, purpose="marketing", given=True, source="test", at=minutes(1)
    )
    path = queries.preference_path(customer_id=customer_id)
    assert purposes(phone.get(path).content.decode())["marketing"] is True
    html = phone.post(path, {"withdraw": "marketing"}, follow=True).content.decode()
    assert 'name="agree" value="marketing"' in html
    assert (
        queries.standings(customer_ids=[customer_id], purpose="marketing")[customer_id].consented_channels
        == frozenset()
    )


def test_a_refused_address_of_somebody_else_cannot_be_switched_on(phone):
    services.suppress(customer_id=consented("W-1", phone=PHONE), reason="asked", source="test", at=NOW)
    other = consented("W-2", phone=PHONE, language="en")
    path = queries.preference_path(customer_id=other)
    assert switches(phone.get(path).content.decode()) == {"in_app": True}
    phone.post(path, {"on": "sms"})
    assert "sms" in queries.standings(customer_ids=[other])[other].suppressed_channels


@pytest.mark.parametrize("choice", [{}, {"off": "fax"}, {"on": "'; --"}, {"withdraw": "x"}, {"what": "1"}])
def test_a_choice_that_means_nothing_changes_nothing(phone, choice):
    customer_id = consented()
    reply = phone.post(queries.preference_path(customer_id=customer_id), choice, follow=True)
    assert reply.status_code == 200
    assert not Suppression.objects.exists()


def test_opening_the_unsubscribe_link_changes_nothing_and_one_click_does(phone):
    customer_id = consented(language="en")
    path = f"{queries.preference_path(customer_id=customer_id)}/unsubscribe"
    assert phone.get(path).status_code == 200
    assert phone.head(path).status_code == 200
    assert not Suppression.objects.exists()
    for _ in range(2):
        reply = phone.post(path, {"List-Unsubscribe": "One-Click"})
        assert (reply.status_code, reply.cookies) == (200, {})
    assert Suppression.objects.get().reason == "unsubscribed"


def test_one_click_sent_to_the_page_itself_counts_too(phone):
    customer_id = consented()
    phone.post(queries.preference_path(customer_id=customer_id), {"List-Unsubscribe": "One-Click"})
    assert Suppression.objects.get().channel == "*"


def test_what_is_held_comes_as_a_file_with_addresses_masked(phone):
    customer_id = consented(phone=PHONE, email=EMAIL, name="林小满", tier="gold")
    reply = phone.get(f"{queries.preference_path(customer_id=customer_id)}/data.json")
    held = json.loads(reply.content)
    assert "attachment" in reply["Content-Disposition"]
    assert (held["customer"], held["name"], held["traits"]) == ("W-1", "林**", {"tier": "gold"})
    assert {point["value"] for point in held["contact_points"]} == {"138****0421", "l***@example.com"}
    assert PHONE not in reply.content.decode()


def test_asking_for_erasure_is_noted_and_leaves_the_customer_alone(phone):
    customer_id = consented(language="en")
    path = queries.preference_path(customer_id=customer_id)
    html = phone.post(path, {"erase": "yes"}, follow=True).content.decode()
    assert "Noted." in html and "You asked for it on" in html
    assert audit.entries(subject=f"customer:{customer_id}")[0].action == "erasure.requested"
    assert "*" in queries.standings(customer_ids=[customer_id])[customer_id].suppressed_channels
    assert preferences.sheet(queries.profile(external_id="W-1")).erasure_requested_at is not None


TOKENS = ["", "x", "A" * 32, "é" * 8, "..", vault.token("survey", 1), vault.token("preference", 2**62)]


@pytest.mark.parametrize("token", TOKENS)
@pytest.mark.parametrize("rest", ["", "/unsubscribe", "/data.json"])
def test_a_token_that_is_not_ours_finds_nothing(phone, token, rest):
    known()
    assert phone.get(f"/p/{token}{rest}").status_code == 404
    assert phone.post(f"/p/{token}{rest}", {"off": "*"}).status_code in {404, 405}
    assert not Suppression.objects.exists()


@pytest.mark.parametrize("path", ["/p/%00", "/p/%00/unsubscribe", "/p/%00/data.json"])
def test_an_address_with_a_null_byte_is_no_address(client: Client, path: str) -> None:
    assert client.get(path).status_code == 400


def test_every_purpose_has_a_switch_and_a_yes_keeps_its_own_wording(phone):
    customer_id = known(phone=PHONE, language="en")
    path = queries.preference_path(customer_id=customer_id)
    assert purposes(phone.get(path).content.decode()) == dict.fromkeys(PURPOSES, False)
    html = phone.post(path, {"agree": "call_recording"}, follow=True).content.decode()
    assert purposes(html) == dict.fromkeys(PURPOSES, False) | {"call_recording": True}
    [entry] = queries.consent_entries(customer_id=customer_id)
    assert "records calls with me" in entry.wording


def test_undoing_brings_back_what_was_agreed_to_and_no_more(phone):
    customer_id = known(language="en", phone=PHONE, email=EMAIL)
    services.record_consent(
        customer_id=customer_id, purpose="marketing", channel="sms", given=True, source="t", at=minutes(1)
    )
    path = queries.preference_path(customer_id=customer_id)

    def agreed() -> frozenset[str]:
        return queries.standings(customer_ids=[customer_id], purpose="marketing")[
            customer_id
        ].consented_channels

    html = phone.post(path, {"withdraw": "marketing"}, follow=True).content.decode()
    assert agreed() == frozenset()
    assert 'name="was" value="sms"' in html
    phone.post(path, {"agree": "marketing", "was": "sms"})
    assert agreed() == {"sms"}


def test_the_language_that_a_customer_chose_stays_whatever_the_wallet_says(phone):
    customer_id = known(language="zh-CN")
    path = queries.preference_path(customer_id=customer_id)
    html = phone.post(path, {"language": "en"}, follow=True).content.decode()
    assert 'lang="en"' in html[:200] and 'name="language" value="zh-Hans">Undo' in html
    later = clock.now() + timedelta(days=1)
    apply(identify(language="zh-CN", walletKind="hard", at=later))
    standing = queries.standings(customer_ids=[customer_id])[customer_id]
    assert (standing.language, standing.wallet_kind) == ("en", "hard")
    assert audit.entries(subject=f"customer:{customer_id}")[0].action == "customer.language_chosen"
    phone.post(path, {"language": "zh-Hans"})
    assert queries.profile(external_id="W-1").language == "zh-Hans"


@pytest.mark.parametrize(("kept", "gone"), [("A", "B"), ("B", "A")])
def test_a_chosen_language_outlives_a_merge(kept, gone):
    chooser, other = known("A", language="en"), known("B")
    services.choose_language(customer_id=chooser, language="zh-Hans", now=minutes(1))
    apply(identify(customer="B", language="en", at=minutes(9)))
    services.merge_customers(kept=kept, gone=gone, by="person:1", now=NOW)
    apply(identify(customer=gone, language="en", at=NOW))
    assert queries.profiles(customer_ids=[other])[other].language == "zh-Hans"


def test_all_that_is_held_can_be_read_there(phone):
    customer_id = consented(phone=PHONE, language="en", name="Ada Wong", tier="gold", timezone="Asia/Tokyo")
    known("W-0")
    services.merge_customers(kept="W-1", gone="W-0", by="person:1", now=NOW)
    services.suppress(customer_id=customer_id, channel="sms", reason="asked", source="test", at=NOW)
    apply(event(name="Payment Completed"), event(name="Payment Completed"))
    told = words(phone.get(queries.preference_path(customer_id=customer_id)).content.decode())
    for part in ("W-1", "Before that: W-0", "A***", "138****0421", "tier : gold", "Payment completed × 2"):
        assert part in told, part
    assert "Left alone since 2026-11-18 · SMS" in told
    # Ten in the morning in London is seven in the evening for her.
    assert "2026-11-18 19:00 · refused" in told
    assert "We sent you nothing yet." in told and PHONE not in told


def test_what_was_sent_and_answered_is_told_by_the_rooms_that_know(phone, monkeypatch):
    customer_id = consented(language="en")
    sent = [Sent(at=minutes(number), channel="sms") for number in range(30)]
    answered = [Answered(at=NOW, channel="in_app", numbers=(2,), has_words=True)]
    monkeypatch.setattr(holding, "_sent", [lambda key, limit: sent if key == customer_id else []])
    monkeypatch.setattr(holding, "_answered", [lambda key, limit: answered if key == customer_id else []])
    path = queries.preference_path(customer_id=customer_id)
    told = words(phone.get(path).content.decode())
    assert told.count("· SMS") == holding.LATELY and "you answered 2 with words of your own" in told
    held = json.loads(phone.get(f"{path}/data.json").content)
    assert (len(held["sent"]), held["answers"][0]["numbers"]) == (holding.LATELY, [2])
    other = queries.preference_path(customer_id=known("W-2", language="en"))
    assert "We sent you nothing yet." in words(phone.get(other).content.decode())


@pytest.mark.parametrize(("language", "heading"), [("en", "What we hold about you"), ("zh-CN", "")])
def test_the_page_is_whole_in_both_languages(phone, language, heading):
    customer_id = consented(phone=PHONE, language=language)
    html = phone.get(queries.preference_path(customer_id=customer_id)).content.decode()
    assert heading in html and html.count("<details") == 6
    assert set(purposes(html)) == set(PURPOSES)
    assert "<script" not in html and "style=" not in html and len(html) < 60_000


def test_hostile_traits_are_text(phone):
    customer_id = known(language="en", **{"<b>x": "<script>alert(1)</script>", "y" * 90: "z" * 400})
    html = phone.get(queries.preference_path(customer_id=customer_id)).content.decode()
    assert "<script" not in html and "<b>x" not in html
