"""Writes one database into a file and reads it back, by PostgreSQL's own pg_dump and pg_restore.

A dump is one consistent moment, whatever is written meanwhile. A restore goes into a database of its own,
which takes the place of the old one in the end only: killed half-way, it has changed nothing.
"""

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql

from huifang.kernel.postgres import binaries
from huifang.kernel.postgres.errors import BinariesMissingError, DumpFailedError

# Who is signed in is no business of a copy: a session that was ended must not come back.
_LEFT_OUT = ("--exclude-table-data=django_session",)
_TABLE_DONE = "processing data for table"
_LINES_KEPT = 12


def program(name: str) -> Path:
    """Where ``pg_dump`` or ``pg_restore`` is. Raises `BinariesMissingError`."""
    try:
        beside = binaries.find(binaries.named_folder()).folder / name
    except BinariesMissingError:
        beside = Path(name)
    found = beside if beside.is_file() else shutil.which(name)
    if not found:
        raise BinariesMissingError(
            f"{name} was not found. Install your system's PostgreSQL client, or name a folder that has it"
            " with HUIFANG_PG_BIN."
        )
    return Path(found)


def dump(url: str, file: Path, *, note: Callable[[], None]) -> None:
    """Write the database at *url* into *file*; *note* is called for each table. Raises `DumpFailedError`."""
    file.touch(mode=0o600)
    command = [str(program("pg_dump")), "--format=custom", "--compress=1", "--no-owner", "--no-privileges"]
    _run([*command, *_LEFT_OUT, "--verbose", f"--file={file}", url], "dumping contents of table", note)


def table_count(file: Path) -> int:
    """How many tables' rows *file* holds. Raises `DumpFailedError`."""
    command = [str(program("pg_restore")), "--list", str(file)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - our own
    if done.returncode:
        raise DumpFailedError(f"{file.name} is no database dump: {done.stderr.strip()[:500]}")
    return sum(" TABLE DATA " in line for line in done.stdout.splitlines())


def restore(url: str, file: Path, *, note: Callable[[], None]) -> None:
    """Read *file* into the empty database at *url*. Raises `DumpFailedError`."""
    command = [str(program("pg_restore")), "--no-owner", "--no-privileges", "--exit-on-error", "--jobs=2"]
    _run([*command, "--verbose", f"--dbname={url}", str(file)], _TABLE_DONE, note)


def _run(command: list[str], counted: str, note: Callable[[], None]) -> None:
    said: list[str] = []
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, errors="replace") as process:  # noqa: S603
        assert process.stderr is not None
        for line in process.stderr:
            said = [*said[1 - _LINES_KEPT :], line.rstrip()]
            if counted in line:
                note()
    if process.returncode:
        raise DumpFailedError("\n".join(said))


def row_count(url: str, table: str) -> int:
    """The rows of *table*; 0 where there is none."""
    with psycopg.connect(url) as connection:
        found = connection.execute("SELECT to_regclass(%s) IS NOT NULL", [table]).fetchone()
        if found is None or not found[0]:
            return 0
        count = connection.execute(
            sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table))
        ).fetchone()
        return int(str(count[0])) if count else 0


def named(url: str, database: str) -> str:
    """*url* with another database's name."""
    return urlunsplit(urlsplit(url)._replace(path=f"/{database}"))


def make(url: str, database: str) -> None:
    """Make an empty *database* beside the one at *url*, in place of one of that name that was left behind."""
    with _beside(url) as connection:
        connection.execute(
            sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(database))
        )
        # Nobody is connected to template0, and it has the collation of the cluster.
        connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(database)))


def put_in_place(url: str, *, fresh: str, aside: str) -> None:
    """Give the database *fresh* the name of the one at *url*, which is called *aside* from then on."""
    name = sql.Identifier(urlsplit(url).path.lstrip("/"))
    with _beside(url) as connection, connection.transaction():
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s",
            [urlsplit(url).path.lstrip("/")],
        )
        rename = sql.SQL("ALTER DATABASE {} RENAME TO {}")
        connection.execute(rename.format(name, sql.Identifier(aside)))
        connection.execute(rename.format(sql.Identifier(fresh), name))


def discard(url: str, database: str) -> None:
    """Remove *database*, which stands beside the one at *url*."""
    with _beside(url) as connection:
        connection.execute(
            sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(database))
        )


def _beside(url: str) -> psycopg.Connection[tuple[object, ...]]:
    return psycopg.connect(named(url, "postgres"), autocommit=True)
