"""The ledger of consent is checked: an edit of any column, a row taken out, the last row cut off."""

import pytest
from django.db import connection
from tests.integration.customers.makers import NOW, known, minutes

from huifang.customers import services
from huifang.customers.models import ConsentEntry

pytestmark = pytest.mark.django_db


def tamper(sql: str, *values: object) -> None:
    """As somebody who owns the database could: triggers off, and on again."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(sql, values)
        cursor.execute("SET LOCAL session_replication_role = origin")


@pytest.fixture
def entries() -> list[int]:
    """Three lines of one customer's chain."""
    customer_id = known("W-1")
    for minute, given in ((1, True), (2, False), (3, True)):
        services.record_consent(
            customer_id=customer_id,
            purpose="marketing",
            given=given,
            wording="I agree",
            source="test",
            evidence="message:1",
            at=minutes(minute),
        )
    assert services.verify_chain().breaks == ()
    return list(ConsentEntry.objects.order_by("position").values_list("pk", flat=True))


_OTHER = {
    "purpose": "'service_follow_up'",
    "channel": "'sms'",
    "act": "'given'",
    "wording": "'I never agreed'",
    "source": "'import'",
    "evidence": "'message:2'",
    "at": "at + interval '1 microsecond'",
    "recorded_at": "recorded_at - interval '1 day'",
    "previous_hash": r"'\x00'",
    "hash": r"'\x00'",
    "position": "99",
    "chain": "mod(chain + 1, 16)",
    "customer_id": "(SELECT max(id) FROM customers_customer)",
}


@pytest.mark.parametrize("column", _OTHER)
def test_an_edit_of_any_column_is_found(entries: list[int], column: str):
    known("W-2")
    tamper(f"UPDATE customers_consententry SET {column} = {_OTHER[column]} WHERE id = %s", entries[1])
    assert services.verify_chain().breaks != ()


def test_every_column_is_tried():
    columns = {field.column for field in ConsentEntry._meta.concrete_fields} - {"id"}
    assert columns == set(_OTHER)


@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_row_that_is_taken_out_is_missed_also_the_last(entries: list[int], place: int):
    tamper("DELETE FROM customers_consententry WHERE id = %s", entries[place])
    assert services.verify_chain().breaks != ()


def test_the_last_row_and_the_head_together_are_missed(entries: list[int]):
    """Whoever shortens the head too lacks the key that signs it."""
    tamper("DELETE FROM customers_consententry WHERE id = %s", entries[2])
    tamper(
        "UPDATE customers_consenthead AS h SET length = 2, last_hash = e.hash"
        " FROM customers_consententry AS e WHERE e.id = %s AND h.chain = e.chain",
        entries[1],
    )
    assert "truncated" in {each.what for each in services.verify_chain().breaks}


def test_a_whole_chain_that_is_taken_out_is_missed(entries: list[int]):
    tamper("DELETE FROM customers_consententry")
    assert services.verify_chain().breaks != ()


def test_what_stands_must_be_what_the_ledger_says(entries: list[int]):
    tamper("UPDATE customers_consentstate SET given = NOT given")
    assert {each.what for each in services.verify_chain().breaks} == {"state"}


def test_a_line_keeps_the_words_that_were_shown(entries: list[int]):
    assert set(ConsentEntry.objects.values_list("wording", flat=True)) == {"I agree"}
    assert ConsentEntry.objects.filter(recorded_at__lte=NOW).exists()
