"""A connection of the pool is whole when it is lent, though the server is not asked each time."""

from collections.abc import Iterator

import psycopg
import pytest
from django.db import connection
from psycopg_pool import ConnectionPool

from huifang.kernel import connections

pytestmark = pytest.mark.django_db


@pytest.fixture
def pool() -> Iterator[ConnectionPool[connections.Connection]]:
    given = {**connection.get_connection_params(), "autocommit": True}
    wanted = {name: given[name] for name in ("dbname", "host", "port", "user", "password") if name in given}
    with ConnectionPool(
        kwargs={**wanted, "autocommit": True},
        connection_class=connections.Connection,
        check=ConnectionPool.check_connection,
        min_size=1,
        max_size=1,
    ) as made:
        yield made


def _number(lent: connections.Connection) -> int:
    return lent.info.backend_pid


def test_a_connection_in_use_is_lent_again_without_a_question(
    pool: ConnectionPool[connections.Connection], monkeypatch: pytest.MonkeyPatch
) -> None:
    with pool.connection() as lent:
        first = _number(lent)
    asked: list[object] = []
    real = psycopg.Connection.execute
    monkeypatch.setattr(
        psycopg.Connection, "execute", lambda *given, **more: asked.append(given[1]) or real(*given, **more)
    )
    with pool.connection() as lent:
        assert _number(lent) == first
    assert asked == []
    monkeypatch.setattr(connections, "REST_SECONDS", 0.0)
    with pool.connection() as lent:
        assert _number(lent) == first
    assert asked == [""]


def test_a_connection_that_the_server_ended_is_never_lent(
    pool: ConnectionPool[connections.Connection],
) -> None:
    with pool.connection() as lent:
        first = _number(lent)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [first])
        assert cursor.fetchone() == (True,)
    with pool.connection() as lent:
        assert _number(lent) != first
        assert lent.execute("SELECT 1").fetchone() == (1,)


@pytest.mark.parametrize(
    "values", [[], ["a"], ['q"uote', "back\\slash", "NULL", "", "{,}", "手机 '"], ["\\", '\\"']]
)
def test_an_array_of_texts_reaches_the_server_as_it_is(values: list[str]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT %s::text[]", [connections.array(values)])
        assert cursor.fetchone()[0] == values


def test_an_array_of_numbers_reaches_the_server_as_it_is() -> None:
    values = [1, -2, 2**63 - 1, -(2**63)]
    with connection.cursor() as cursor:
        cursor.execute("SELECT %s::bigint[]", [connections.array([*values, 2**63, 10**30])])
        assert cursor.fetchone()[0] == values
