"""Which values are personal, and how they are parted from the rest."""

import pytest

from huifang.events import personal


def test_personal_traits_are_parted_at_any_depth():
    clear, sealed = personal.split(
        {
            "plan": "gold",
            "email": "li.na@example.com",
            "first_name": "Na",
            "address": {"city": "Suzhou"},
            "company": {"size": 12, "contactPhone": "+8613800000001"},
        },
        of_traits=True,
    )
    assert clear == {"plan": "gold", "company": {"size": 12}}
    assert sealed == {
        "email": "li.na@example.com",
        "first_name": "Na",
        "address": {"city": "Suzhou"},
        "company": {"contactPhone": "+8613800000001"},
    }


def test_a_name_is_personal_among_traits_only():
    assert personal.split({"name": "Li Na"}, of_traits=True) == ({}, {"name": "Li Na"})
    assert personal.split({"name": "Home"}, of_traits=False) == ({"name": "Home"}, {})


def test_a_list_with_anything_personal_in_it_is_sealed_whole():
    payees = [{"amount": 1}, {"amount": 2, "phone": "+8613800000001"}]
    assert personal.split({"payees": payees, "n": 2}, of_traits=False) == ({"n": 2}, {"payees": payees})


def test_what_is_dangerous_to_hold_is_dropped():
    clear, sealed = personal.split(
        {"ip": "10.0.0.1", "User-Agent": "x", "cvv": "123", "n": 1}, of_traits=False
    )
    assert (clear, sealed) == ({"n": 1}, {})


@pytest.mark.parametrize("key", ["idNumber", "id_number", "ID-Number", "id number", "IDNUMBER"])
def test_keys_are_compared_without_case_and_joints(key):
    assert personal.split({key: "110101199003070000"}, of_traits=False)[0] == {}


def test_consents_lie_open():
    consents = [{"purpose": "marketing", "channel": "sms", "given": True, "wording": "Yes"}]
    assert personal.split({"consents": consents}, of_traits=True) == ({"consents": consents}, {})


def test_nesting_has_an_end():
    deep: dict[str, object] = {}
    for _ in range(personal.DEPTH_MAX + 2):
        deep = {"a": deep}
    with pytest.raises(personal.TooDeepError):
        personal.split(deep, of_traits=False)


def test_a_mask_left_in_an_edited_payload_is_put_back():
    original = {
        "userId": None,
        "traits": {"phone": "+8613800000001", "plan": "x"},
        "list": [{"email": "a@b.cn"}],
    }
    shown = personal.mask(original)
    assert shown == {"userId": None, "traits": {"phone": "•••", "plan": "x"}, "list": [{"email": "•••"}]}
    assert personal.unmask({**shown, "userId": "c-1"}, original) == {**original, "userId": "c-1"}


def test_text_that_is_no_json_is_masked_by_shape():
    text = '{"phone": "+86 138 0000 0001", "mail": "li.na@example.com", "amount": 12'
    assert personal.mask_text(text) == '{"phone": "•••", "mail": "•••", "amount": 12'
