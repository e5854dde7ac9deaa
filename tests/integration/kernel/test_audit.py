"""The audit log: nobody edits it unnoticed, and the database itself refuses."""

from datetime import UTC, datetime

import pytest
from django.db import ProgrammingError, connection, transaction

from huifang.kernel import audit
from huifang.kernel.models import AuditEntry

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 5, 1, 9, 0, tzinfo=UTC)


def write(count: int) -> None:
    """Some entries."""
    for number in range(count):
        audit.record(
            actor="person:1", action="plan.activated", subject=f"plan:{number}", at=NOW, facts={"v": number}
        )


def test_an_unbroken_log_has_no_breaks():
    write(5)
    assert list(audit.breaks()) == []
    assert [entry.subject for entry in audit.entries(limit=2)] == ["plan:4", "plan:3"]
    assert [entry.facts for entry in audit.entries(subject="plan:1")] == [{"v": 1}]


@pytest.mark.parametrize(
    "change",
    ["UPDATE kernel_auditentry SET actor = 'x'", "DELETE FROM kernel_auditentry"],
)
def test_the_database_refuses_to_change_it(change: str):
    write(1)
    with pytest.raises(ProgrammingError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(change)
    assert AuditEntry.objects.get().actor == "person:1"


def test_the_database_refuses_to_empty_it():
    write(1)
    with (
        pytest.raises(ProgrammingError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("SET LOCAL huifang.may_truncate = 'no'")
        cursor.execute("TRUNCATE kernel_auditentry")


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE kernel_auditentry SET facts = '{}' WHERE subject = 'plan:1'",
        "DELETE FROM kernel_auditentry WHERE subject = 'plan:1'",
        "UPDATE kernel_auditentry SET at = at + interval '1 second' WHERE subject = 'plan:1'",
    ],
)
def test_whoever_goes_round_the_guard_is_found_out(change: str):
    write(4)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = 'replica'")
        cursor.execute(change)
        cursor.execute("SET LOCAL session_replication_role = 'origin'")
    assert list(audit.breaks())
