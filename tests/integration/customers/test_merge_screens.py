"""Merging at the console and over the API: looked at first, confirmed, refused where it makes no sense."""

from typing import Any
from urllib.parse import quote

import pytest
from django.test import Client
from django.urls import reverse
from tests.integration.customers.makers import EMAIL, NOW, PHONE, apply, consented, event, known
from tests.integration.customers.test_endpoints import Api
from tests.integration.customers.test_screens import signed_in

from huifang.customers import extracts, queries, services
from huifang.customers.models import Customer, Merge
from huifang.customers.records import IdInPath
from huifang.kernel import audit

pytestmark = pytest.mark.django_db
MERGE = "/customers/merge/"
A_INTO_B = {"kept": "A", "gone": "B"}


@pytest.fixture
def operator() -> Client:
    return signed_in("operations")


@pytest.fixture
def api() -> Api:
    return Api("operations")


def two() -> tuple[int, int]:
    """A, who consented, and B, who has a number, did two things and refused."""
    a, b = consented("A", email=EMAIL), known("B", phone=PHONE)
    apply(event(customer="B"), event(customer="B"))
    services.suppress(customer_id=b, channel="sms", reason="asked", source="test", at=NOW)
    return a, b


def is_two() -> bool:
    return not Merge.objects.exists() and Customer.objects.filter(kept=None).count() == 2


def test_both_are_shown_side_by_side_before_anything_happens(operator):
    two()
    html = operator.get(MERGE, A_INTO_B).content.decode()
    assert "2 events are counted" in html and "138****0421" in html and PHONE not in html
    assert "Refused from then on:" in html and "cannot be undone" in html
    assert is_two()


def test_one_is_found_by_a_whole_number(operator):
    two()
    html = operator.get(MERGE, {"kept": "A", "gone": PHONE}).content.decode()
    assert 'name="gone" value="B"' in html


def test_confirming_makes_them_one_and_leads_to_who_stays(operator):
    a, b = two()
    reply = operator.post(MERGE, A_INTO_B)
    assert (reply.status_code, reply["Location"]) == (302, "/customers/A/")
    assert operator.get(reply["Location"]).status_code == 200
    assert queries.profile(external_id="B").id == a
    assert "sms" in queries.standings(customer_ids=[b])[b].suppressed_channels
    assert audit.entries(subject=f"customer:{a}")[0].action == "customer.merged"


@pytest.mark.parametrize(
    ("kept", "gone"), [("A", "A"), ("A", "nobody"), ("nobody", "A"), ("A", "x\x01"), ("A", "y" * 5000)]
)
@pytest.mark.parametrize("method", ["get", "post"])
def test_what_cannot_be_merged_is_refused_with_a_reason(operator, kept, gone, method):
    two()
    reply = getattr(operator, method)(MERGE, {"kept": kept, "gone": gone})
    assert reply.status_code == 422
    assert "hf-message is-error" in reply.content.decode() and "Make them one" not in reply.content.decode()
    assert is_two()


def test_two_who_are_one_already_stay_one(operator):
    two()
    operator.post(MERGE, A_INTO_B)
    assert operator.get(MERGE, A_INTO_B).status_code == 422
    assert operator.post(MERGE, A_INTO_B).status_code == 302
    assert operator.post(MERGE, {"kept": "B", "gone": "A"})["Location"] == "/customers/A/"
    assert Merge.objects.count() == 1


def test_who_may_only_look_neither_sees_nor_merges():
    two()
    looker = signed_in("product_owner")
    assert looker.get(MERGE, A_INTO_B).status_code == 403
    assert looker.post(MERGE, A_INTO_B).status_code == 403
    assert Client().post(MERGE, A_INTO_B).status_code in {302, 403}
    assert is_two()


def test_the_api_looks_first_and_then_merges(api):
    a, _ = two()
    status, preview = api.ask("GET", "/A/merges/B")
    assert (status, preview["kept"], preview["gone"], preview["events"]) == (200, "A", "B", 2)
    assert preview["newly_refused"] == ["sms"] and preview["contact_points"][0]["masked"] == "138****0421"
    assert is_two()
    for _ in range(2):
        status, customer = api.ask("POST", "/A/merges/B")
        assert (status, customer["external_id"]) == (201, "A")
    assert api.ask("GET", "/B")[1]["external_id"] == "A"
    assert Merge.objects.get().kept_id == a


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/A/merges/A", 409, "same_customer"),
        ("/A/merges/nobody", 404, "unknown_customer"),
        ("/nobody/merges/A", 404, "unknown_customer"),
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_the_api_refuses_with_a_problem_document(api, path, status, code, method):
    two()
    got, body = api.ask(method, path)
    assert (got, body["code"]) == (status, code)
    assert is_two()


def test_a_key_that_may_only_look_may_only_look():
    two()
    looker = Api("product_owner")
    assert looker.ask("GET", "/A/merges/B")[0] == 200
    assert looker.ask("POST", "/A/merges/B")[0] == 403
    assert is_two()


def test_what_analysts_are_given_follows_the_gone_id():
    a, b = known("A", wallet_kind="hard"), known("B")
    services.merge_customers(kept="A", gone="B", by="person:1", now=NOW)
    by_key: dict[int, Any] = extracts.portraits(customer_ids=[a, b, 10**9])
    assert {key: each.external_id for key, each in by_key.items()} == {a: "A", b: "A"}
    by_name = extracts.portraits_by_name(external_ids=["A", "B", "nobody"])
    assert {name: (each.customer_id, each.wallet_kind) for name, each in by_name.items()} == {
        "A": (a, "hard"),
        "B": (a, "hard"),
    }


def proposed() -> int:
    two()
    services.take_alias(kept="A", gone="B", at=NOW, now=NOW)
    return queries.merge_proposals()[0].id


def test_what_an_event_says_waits_on_the_screen_for_a_decision(operator):
    number = proposed()
    assert "Merge two <span" in operator.get("/customers/").content.decode()
    html = operator.get(MERGE).content.decode()
    assert "Said to be one person" in html and "?kept=A&amp;gone=B" in html
    operator.post(reverse("customers:merge-dismiss", args=[number]))
    assert "Said to be one person" not in operator.get(MERGE).content.decode()
    assert is_two()


def test_the_api_lists_what_waits_and_dismisses_it():
    proposed()
    api = Api("operations", "/api/v1")
    (asked,) = api.ask("GET", "/merge-proposals")[1]
    assert (asked["kept"], asked["gone"]) == ("A", "B")
    assert Api("product_owner", "/api/v1").ask("DELETE", f"/merge-proposals/{asked['id']}")[0] == 403
    assert api.ask("DELETE", f"/merge-proposals/{asked['id']}") == (204, None)
    assert api.ask("DELETE", f"/merge-proposals/{asked['id']}")[0] == 404
    assert is_two()


@pytest.mark.parametrize("external_id", ["a/b", "~x", "..", "客户 1", "merges/B"])
def test_the_api_names_any_customer_by_the_form_that_screens_use(api, external_id):
    known(external_id)
    name = quote(IdInPath().to_url(external_id), safe="")
    assert api.ask("GET", f"/{name}")[1]["external_id"] == external_id
    status, _ = api.ask("POST", f"/{name}/suppressions", {"reason": "asked"})
    assert status == 201
    known("B")
    assert api.ask("GET", f"/{name}/merges/B")[1]["kept"] == external_id
    assert Api("operations", "/api/v1").ask("GET", f"/customers/{name}/timeline")[0] == 200
    assert api.ask("GET", "/~%FF")[0] in {400, 422}


ODD = [
    "segments",
    "import",
    "merge",
    "12",
    "a/b",
    "..",
    ".",
    "a/../b",
    "~x",
    "~c2VnbWVudHM",
    "a?b#c%2F",
    "客户 1",
]


@pytest.mark.parametrize("external_id", ODD)
def test_every_customer_has_a_page_whatever_the_wallet_calls_them(operator, external_id):
    customer_id = known(external_id, name="林小满")
    address = reverse("insights:customer", args=[external_id])
    assert "/../" not in address and "/./" not in address
    html = operator.get(address).content.decode()
    assert "<h1" in html and "林**" in html
    assert address in operator.get(reverse("customers:list")).content.decode()
    officer = signed_in("case_officer")
    reply = officer.post(reverse("customers:refuse", args=[customer_id]), {"note": ""})
    assert reply["Location"] == address


def test_an_address_that_stands_for_no_id_is_not_found(operator):
    for text in ("~", "~%FF", "~w", "~__8"):
        assert operator.get(f"/customers/{text}/").status_code == 404
