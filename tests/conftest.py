"""Gives tests one PostgreSQL a session, started only when a test asks for it, and no way to the Internet.

With ``DATABASE_URL`` set, that server is used instead of an embedded one.
"""

import ipaddress
import os
import socket
from collections.abc import Iterator

import hypothesis
import psycopg.conninfo
import pytest
from tests.places import reachable_folder

from huifang.kernel.postgres import server

# No test is timed, and the same commit gives the same result; HYPOTHESIS_PROFILE=explore looks further.
hypothesis.settings.register_profile("house", deadline=None, derandomize=True)
hypothesis.settings.register_profile("explore", deadline=None, max_examples=1_000)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "house"))


@pytest.fixture(scope="session")
def database_url() -> Iterator[str]:
    """The address of a PostgreSQL for this session; its database ``huifang`` is empty."""
    given = os.environ.get("DATABASE_URL", "")
    if given:
        yield given
        return
    with reachable_folder() as folder, server.running(folder / "pg", durable=False) as postgres:
        yield postgres.url


@pytest.fixture(scope="session")
def django_db_modify_db_settings(database_url: str) -> None:
    """Point Django at the session's PostgreSQL before pytest-django makes the test database."""
    from django.db import connections

    parts = psycopg.conninfo.conninfo_to_dict(database_url)
    connections["default"].settings_dict.update(
        NAME=str(parts.get("dbname", "")),
        USER=str(parts.get("user", "")),
        PASSWORD=str(parts.get("password", "")),
        HOST=str(parts.get("host", "")),
        PORT=str(parts.get("port", "")),
    )


@pytest.fixture(scope="session", autouse=True)
def _no_internet() -> Iterator[None]:
    """Refuse connections that leave this machine."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: object) -> None:
        if isinstance(address, tuple) and not _is_local(str(address[0])):
            raise AssertionError(f"A test tried to reach {address[0]}; tests stay on this machine.")
        connect(self, address)  # type: ignore[arg-type]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", guarded)
        yield


def _is_local(host: str) -> bool:
    try:
        return ipaddress.ip_address(host.partition("%")[0]).is_loopback
    except ValueError:
        return host == "localhost"
