"""Runs one embedded PostgreSQL: makes the cluster, starts it, waits through recovery, stops it.

It listens on a socket in a folder of its own only, never on the network. Nothing is lost when it is killed.
"""

import contextlib
import shutil
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

import psycopg
from psycopg import sql

from huifang.kernel import processes
from huifang.kernel.postgres import binaries, memory, place, postmaster
from huifang.kernel.postgres.errors import StartFailedError, UnreachableFolderError, WrongVersionError

DATABASE = "huifang"
ROLE = "huifang"
EXTENSIONS = ("btree_gist", "pg_trgm")

_BUILTIN_LOCALE_SINCE = 17
_SILENT_SECONDS_MAX = 300.0
_STOP_STEPS = ((signal.SIGINT, 60.0), (signal.SIGQUIT, 10.0))
_LOG_BYTES_MAX = 20_000_000
_ENVIRONMENT = {"LC_ALL": "C", "TZ": "UTC", "PATH": "/usr/bin:/bin"}

# For a machine that runs the whole product. An operator's own values go in postgresql.conf, last.
_SETTINGS = {
    "max_connections": "100",
    "effective_cache_size": "1GB",
    "work_mem": "8MB",
    "maintenance_work_mem": "64MB",
    "max_wal_size": "2GB",
    "checkpoint_timeout": "15min",
    "synchronous_commit": "on",
    "wal_compression": "off",
    "random_page_cost": "1.1",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] ",
    "log_startup_progress_interval": "5s",
}
_FORGETFUL = {
    "shared_buffers": "128MB",
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
}


def _silence(text: str) -> None:
    """Say nothing."""


@dataclass(slots=True)
class Server:
    """One cluster under *folder*. Not *durable* is for tests: a crash of the machine may lose data."""

    folder: Path
    durable: bool = True
    say: Callable[[str], None] = _silence
    process: processes.Process | None = field(default=None, init=False)
    version: str = field(default="", init=False)
    _place: place.Place | None = field(default=None, init=False)
    _sockets: Path | None = field(default=None, init=False)

    @property
    def url(self) -> str:
        """The address of the product's database, for ``DATABASE_URL``."""
        return self._url(DATABASE)

    @property
    def base(self) -> Path:
        """Where the cluster lies, which is not *folder* when the server's account cannot reach it."""
        assert self._place is not None, "The server was not started."
        return self._place.base

    def _url(self, database: str) -> str:
        assert self._sockets is not None, "The server was not started."
        return f"postgresql://{ROLE}@/{database}?host={quote(str(self._sockets))}"

    def start(self) -> None:
        """Start and wait until connections are accepted and the database is there. Raises `PostgresError`."""
        self._place = where = place.settle(self.folder)
        postmaster.vacate(where.data)
        programs = binaries.install(binaries.find(binaries.named_folder()), where.base)
        self.version = binaries.version(programs)
        self._check_reach(programs)
        shutil.rmtree(where.base / "data.new", ignore_errors=True)
        if not (where.data / "PG_VERSION").is_file():
            self._make_cluster(programs)
        self._check_version()
        self._launch(programs)
        try:
            self._wait_until_ready()
            self._make_database()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Stop at once but cleanly; harder where that takes too long."""
        if self.process is None:  # What runs there, if anything, is another's.
            return
        processes.stop(self.process, _STOP_STEPS)
        self.process = None
        postmaster.kill_workers(self.base / "data")
        if self._sockets is not None and self._sockets.parent != self.base:
            shutil.rmtree(self._sockets, ignore_errors=True)
            self._sockets = None

    def is_running(self) -> bool:
        """Whether the server's main process runs."""
        return self.process is not None and self.process.poll() is None

    def _check_reach(self, programs: Path) -> None:
        where = self._place
        assert where is not None
        wall = place.blocked_by(programs, where.account) if where.account else None
        if wall is not None:
            raise UnreachableFolderError(
                f"PostgreSQL runs as nobody here, who cannot reach {programs} because of {wall}."
            )

    def _check_version(self) -> None:
        found = (self.base / "data" / "PG_VERSION").read_text(encoding="ascii").strip()
        if found != self.version.partition(".")[0]:
            raise WrongVersionError(
                f"The data in {self.base} is of PostgreSQL {found}, but these programs are {self.version}."
                " Set HUIFANG_PG_BIN to programs of the old version, or move the data with pg_upgrade."
            )

    def _make_cluster(self, programs: Path) -> None:
        """Run initdb beside the final place, so that one killed half-way leaves nothing to start on."""
        where = self._place
        assert where is not None
        fresh = where.base / "data.new"
        if where.data.exists() and any(where.data.iterdir()):
            raise StartFailedError(
                f"{where.data} holds something that is no PostgreSQL cluster. Move it away."
            )
        place.make_own(fresh, where.account)
        with where.log.open("ab") as log:
            process = processes.start(
                processes.Command(
                    arguments=[str(programs / "initdb"), f"--pgdata={fresh}", *self._initdb_options()],
                    environment=_ENVIRONMENT,
                    account=where.account,
                    folder=where.base,
                    death_signal=signal.SIGKILL,
                ),
                output=log,
            )
            code = process.wait()
        if code != 0:
            raise StartFailedError(f"initdb failed.\n{self._log_tail()}")
        with (fresh / "postgresql.conf").open("a", encoding="utf-8") as conf:
            conf.write("\n# Huifang's own settings; what follows this line overrides them.\n")
            conf.write("include_if_exists = 'huifang.conf'\n")
        fresh.rename(where.data)

    def _initdb_options(self) -> list[str]:
        options = [f"--username={ROLE}", "--auth=trust", "--encoding=UTF8", "--data-checksums"]
        options += ["--lc-ctype=C.UTF-8", "--lc-collate=C", "--lc-messages=C", "--text-search-config=simple"]
        if int(self.version.partition(".")[0]) >= _BUILTIN_LOCALE_SINCE:
            options += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        return options if self.durable else [*options, "--no-sync"]

    def _launch(self, programs: Path) -> None:
        where = self._place
        assert where is not None
        if self._sockets is None or not self._sockets.is_dir():
            self._sockets = place.make_socket_folder(where)
        own = {"shared_buffers": memory.shared_buffers()} if self.durable else _FORGETFUL
        settings = _SETTINGS | own
        lines = [f"{name} = '{value}'\n" for name, value in settings.items()]
        (where.data / "huifang.conf").write_text("".join(lines), encoding="utf-8")
        (where.data / "huifang.conf").chmod(0o644)
        if where.log.exists() and where.log.stat().st_size > _LOG_BYTES_MAX:
            where.log.replace(where.log.with_suffix(".log.1"))
        arguments = [
            str(programs / "postgres"),
            "-D",
            str(where.data),
            "-c",
            "listen_addresses=",
            "-p",
            "5432",
        ]
        arguments += ["-c", f"unix_socket_directories={self._sockets}", "-c", "unix_socket_permissions=0700"]
        with where.log.open("ab") as log:
            command = processes.Command(
                arguments=arguments,
                environment=_ENVIRONMENT,
                account=where.account,
                folder=where.base,
                death_signal=signal.SIGINT,
            )
            self.process = processes.start(command, output=log)

    def _wait_until_ready(self) -> None:
        """Wait while recovery makes progress, which the log tells every few seconds; no other limit."""
        where, process = self._place, self.process
        assert where is not None
        assert process is not None
        began = heard = time.monotonic()
        said, size = 0.0, where.log.stat().st_size
        while not self._is_ready(where.data):
            if process.poll() is not None:
                raise StartFailedError(f"PostgreSQL ended while it started.\n{self._log_tail()}")
            now = time.monotonic()
            if where.log.stat().st_size != size:
                heard, size = now, where.log.stat().st_size
            if now - heard > _SILENT_SECONDS_MAX:
                raise StartFailedError(f"PostgreSQL makes no progress.\n{self._log_tail()}")
            if now - max(began, said) > 10:
                said = now
                self.say(f"PostgreSQL is recovering, {now - began:.0f} s so far")
            time.sleep(0.03)

    def _is_ready(self, data: Path) -> bool:
        told = postmaster.read(data)
        if told is None or told.status != "ready":
            return False
        try:
            psycopg.connect(self._url("postgres"), connect_timeout=10).close()
        except psycopg.OperationalError:
            return False
        return True

    def _make_database(self) -> None:
        with psycopg.connect(self._url("postgres"), autocommit=True) as connection:
            known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone()
            if known is None:
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(DATABASE)))
        with psycopg.connect(self.url, autocommit=True) as connection:
            for name in EXTENSIONS:
                connection.execute(sql.SQL("CREATE EXTENSION IF NOT EXISTS {}").format(sql.Identifier(name)))

    def _log_tail(self) -> str:
        text = self.base.joinpath("postgres.log").read_text(encoding="utf-8", errors="replace")
        return "\n".join(text.splitlines()[-12:])


@contextlib.contextmanager
def running(folder: Path, *, durable: bool = True) -> Iterator[Server]:
    """A server that runs for the length of a block."""
    server = Server(folder, durable=durable)
    try:
        server.start()
        yield server
    finally:
        server.stop()
