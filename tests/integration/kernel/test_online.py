"""Changes of the schema: a table in use is waited for briefly, one process at a time, indexes made anew."""

import threading
from collections.abc import Iterator

import psycopg
import pytest
from django.db import connection, models
from django.db.migrations.loader import MigrationLoader
from tests.integration.events.gateways import test_database_url as database_url

from huifang.kernel import online

pytestmark = pytest.mark.django_db(transaction=True)
INDEX = models.Index(fields=["listener"], name="next_outbox_listener")
TOO_LONG_SECONDS = 30.0


@pytest.fixture
def other() -> Iterator[psycopg.Connection]:
    """Somebody else at the database, who lets go of everything after a while whatever happens."""
    with psycopg.connect(database_url()) as held:
        bound = threading.Timer(TOO_LONG_SECONDS, held.close)
        bound.start()
        yield held
        bound.cancel()


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    yield
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE kernel_outboxentry DROP COLUMN IF EXISTS next_note")
        cursor.execute(f"DROP INDEX IF EXISTS {INDEX.name}")


def add_a_column() -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE kernel_outboxentry ADD COLUMN next_note text")


def lock_timeout() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SHOW lock_timeout")
        return str(cursor.fetchone()[0])


def test_a_table_in_use_is_let_go_of_and_tried_again(other: psycopg.Connection) -> None:
    other.execute("SELECT count(*) FROM kernel_outboxentry")  # in a transaction that stays open
    said: list[str] = []

    def let_go(text: str) -> None:
        said.append(text)
        other.rollback()

    online.migrate(add_a_column, say=let_go)
    assert len(said) == 1
    assert lock_timeout() == "0"


def test_a_table_that_is_never_free_is_told_of(other: psycopg.Connection) -> None:
    other.execute("SELECT count(*) FROM kernel_outboxentry")
    with pytest.raises(online.TablesInUseError):
        online.migrate(add_a_column, say=lambda text: None, patience_seconds=0.0)


def test_one_process_at_a_time_changes_the_schema(other: psycopg.Connection) -> None:
    other.execute("SELECT pg_advisory_lock(%s)", [online._ONE_AT_A_TIME])
    done: list[str] = []

    def leave(text: str) -> None:
        done.append("told")
        other.execute("SELECT pg_advisory_unlock_all()")

    online.migrate(lambda: done.append("applied"), say=leave)
    assert done == ["told", "applied"]


def test_what_fails_for_another_reason_is_not_tried_again() -> None:
    def fail() -> None:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE no_such_table ADD COLUMN next_note text")

    with pytest.raises(Exception, match="no_such_table"):
        online.migrate(fail, say=lambda text: pytest.fail(text))


def test_an_index_that_was_begun_and_never_finished_is_made_anew(other: psycopg.Connection) -> None:
    other.autocommit = True
    for _ in range(2):
        other.execute(
            "INSERT INTO kernel_outboxentry (fact_type, listener, payload, recorded_at, due_at, attempts,"
            " is_parked, last_error) VALUES ('x', 'same', '{}', now(), now(), 0, true, '')"
        )
    with pytest.raises(psycopg.errors.UniqueViolation):  # leaves an index behind that is of no use
        other.execute(f"CREATE UNIQUE INDEX CONCURRENTLY {INDEX.name} ON kernel_outboxentry (listener)")
    before = MigrationLoader(connection).project_state()
    after = before.clone()
    operation = online.AddIndexOnline("outboxentry", INDEX)
    operation.state_forwards("kernel", after)
    with connection.schema_editor(atomic=False) as editor:
        operation.database_forwards("kernel", editor, before, after)
    (is_valid, is_unique) = other.execute(
        "SELECT indisvalid, indisunique FROM pg_index WHERE indexrelid = %s::regclass", [INDEX.name]
    ).fetchone() or (None, None)
    assert (is_valid, is_unique) == (True, False)
