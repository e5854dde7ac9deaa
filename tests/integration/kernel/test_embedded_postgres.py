"""The embedded PostgreSQL: nothing is lost when it is killed, and no two servers hold one folder."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from tests.places import reachable_folder

from huifang.kernel import processes
from huifang.kernel.postgres import postmaster
from huifang.kernel.postgres.errors import DataHeldError, StartFailedError, WrongVersionError
from huifang.kernel.postgres.server import Server

pytestmark = pytest.mark.slow

OTHER = """
import sys, time
from pathlib import Path
from huifang.kernel.postgres.server import running
with running(Path(sys.argv[1]), durable=False) as server:
    print(server.process.pid, flush=True)
    time.sleep(120)
"""


@pytest.fixture
def folder() -> Iterator[Path]:
    with reachable_folder() as made:
        yield made / "pg"


@pytest.fixture
def server(folder: Path) -> Iterator[Server]:
    made = Server(folder)
    made.start()
    yield made
    made.stop()


def write(server: Server, number: int) -> None:
    with psycopg.connect(server.url, autocommit=True) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS kept (number int)")
        connection.execute("INSERT INTO kept VALUES (%s)", [number])


def read(server: Server) -> list[int]:
    with psycopg.connect(server.url) as connection:
        return [row[0] for row in connection.execute("SELECT number FROM kept ORDER BY number").fetchall()]


def test_a_new_cluster_has_extensions_checksums_and_no_network(server: Server) -> None:
    with psycopg.connect(server.url) as connection:
        names = connection.execute("SELECT extname FROM pg_extension").fetchall()
        shown = connection.execute(
            "SELECT current_setting('listen_addresses'), current_setting('data_checksums'),"
            " current_setting('synchronous_commit'), current_setting('wal_compression')"
        ).fetchone()
    assert {("btree_gist",), ("pg_trgm",)} <= set(names)
    assert shown == ("", "on", "on", "off")


def test_chinese_words_are_found_by_trigrams(server: Server) -> None:
    with psycopg.connect(server.url) as connection:
        row = connection.execute("SELECT similarity('转账失败了', '转账失败')").fetchone()
    assert row is not None
    assert row[0] > 0.3


def test_what_was_committed_survives_a_kill(server: Server) -> None:
    write(server, 1)
    assert server.process is not None
    server.process.kill()
    server.process.wait()
    assert not server.is_running()
    server.start()
    assert read(server) == [1]


def test_a_busy_orphan_of_a_killed_server_does_not_prevent_the_restart(server: Server) -> None:
    write(server, 1)
    assert server.process is not None
    data = server.base / "data"
    loop = "DO $$ BEGIN LOOP PERFORM 1; END LOOP; END $$"
    client = subprocess.Popen(
        [sys.executable, "-c", f"import psycopg; psycopg.connect({server.url!r}).execute({loop!r})"],
        stderr=subprocess.DEVNULL,
    )
    with psycopg.connect(server.url, autocommit=True) as connection:
        count = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'DO%' AND state = 'active'"
        assert processes.wait_until(lambda: connection.execute(count).fetchone() == (1,), seconds=20)
    server.process.kill()
    server.process.wait()
    assert processes.working_in(data) != []
    server.start()
    assert read(server) == [1]
    client.wait(20)


def test_a_stale_pid_file_does_not_prevent_the_start(server: Server) -> None:
    write(server, 1)
    server.stop()
    text = f"{os.getpid()}\n{server.base / 'data'}\n1\n5432\n/run\n\n  1 2\nready   \n"
    (server.base / "data" / "postmaster.pid").write_text(text)
    server.start()
    assert read(server) == [1]


def test_a_second_server_on_the_same_folder_is_refused_and_the_first_lives_on(server: Server) -> None:
    second = Server(server.folder)
    assert server.process is not None
    with pytest.raises(DataHeldError, match=f"process {server.process.pid}"):
        second.start()
    second.stop()
    assert server.is_running()
    write(server, 1)
    assert read(server) == [1]


def test_the_server_leaves_when_its_supervisor_is_killed_and_can_be_started_at_once(folder: Path) -> None:
    other = subprocess.Popen([sys.executable, "-c", OTHER, str(folder)], stdout=subprocess.PIPE)
    assert other.stdout is not None
    pid = int(other.stdout.readline())
    other.send_signal(signal.SIGKILL)
    other.wait()
    server = Server(folder)
    server.start()
    try:
        assert not processes.is_alive(pid)
    finally:
        server.stop()
    assert postmaster.holder(server.base / "data") is None


def test_data_of_another_major_version_is_refused_and_left_alone(server: Server) -> None:
    server.stop()
    mark = server.base / "data" / "PG_VERSION"
    mark.write_text("13\n")
    with pytest.raises(WrongVersionError, match="HUIFANG_PG_BIN"):
        server.start()
    assert mark.read_text() == "13\n"


def test_a_folder_with_something_else_in_it_is_never_overwritten(folder: Path) -> None:
    (folder / "data").mkdir(parents=True)
    (folder / "data" / "precious").write_text("kept")
    with pytest.raises(StartFailedError, match="no PostgreSQL cluster"):
        Server(folder).start()
    assert (folder / "data" / "precious").read_text() == "kept"


def test_the_programs_of_the_system_serve_as_well(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"))
    if not found:
        pytest.skip("This machine has no PostgreSQL of its own.")
    monkeypatch.setenv("HUIFANG_PG_BIN", str(found[-1].parent))
    server = Server(folder)
    server.start()
    try:
        write(server, 1)
        assert read(server) == [1]
    finally:
        server.stop()
