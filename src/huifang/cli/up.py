"""``huifang up``: the whole product on one machine, started, watched over and stopped together."""

import argparse
import http.client
import os
import signal
import socket
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from huifang.cli import database, demo, output, work
from huifang.cli.errors import ChildFailedError, PortTakenError
from huifang.cli.installation import Holder, Installation
from huifang.cli.supervisor import Program, Supervisor, tail
from huifang.kernel import processes
from huifang.kernel.postgres.server import Server

_TEND_SECONDS = 0.2
_TRIM_SECONDS = 60.0
_EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - compared with, never bound by default


class StopAskedError(BaseException):
    """The person or the system asked to stop."""


def add(commands: Any, shared: argparse.ArgumentParser) -> None:
    """Add the command."""
    parser = commands.add_parser("up", parents=[shared], help="run everything on this machine")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: 127.0.0.1)")
    parser.add_argument("--port", type=int, default=8000, help="port of the web (default: 8000)")
    parser.add_argument("--gateway-port", type=int, default=8001, help="port of the gateway (default: 8001)")
    parser.add_argument("--demo", action="store_true", help="with a living demo wallet, in compressed time")
    parser.set_defaults(run=run)


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where one program serves."""

    host: str
    port: int

    @property
    def shown_host(self) -> str:
        """A host that a browser on this machine reaches."""
        return _EVERYWHERE.get(self.host, self.host)

    @property
    def url(self) -> str:
        """The address for a browser."""
        host = f"[{self.shown_host}]" if ":" in self.shown_host else self.shown_host
        return f"http://{host}:{self.port}"

    def is_ready(self) -> bool:
        """Whether ``/readyz`` says so."""
        connection = http.client.HTTPConnection(self.shown_host, self.port, timeout=5)
        try:
            connection.request("GET", "/readyz")
            return connection.getresponse().status == http.HTTPStatus.OK
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def check_free(self, flag: str) -> None:
        """Raise `PortTakenError` where the port cannot be listened on."""
        family = socket.AF_INET6 if ":" in self.host else socket.AF_INET
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((self.host, self.port))
            except OSError as error:
                reason = error.strerror or str(error)
                raise PortTakenError(port=self.port, host=self.host, reason=reason, flag=flag) from error


def run(arguments: argparse.Namespace) -> int:
    """Start everything, tend it until told to stop, stop everything."""
    installation = Installation(arguments.data_dir)
    web = Address(host=arguments.host, port=arguments.port)
    gateway = Address(host=arguments.host, port=arguments.gateway_port)
    installation.prepare()
    holder = Holder(pid=os.getpid(), purpose="up", port=web.port, gateway_port=gateway.port)
    with installation.held(holder, wait_seconds=60):
        web.check_free("--port")
        gateway.check_free("--gateway-port")
        for each in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(each, _ask_to_stop)
        installation.withdraw()
        product = Product(installation, web, gateway, is_demo=arguments.demo)
        try:
            product.start()
            product.tend()
        except StopAskedError:
            output.line("Stopping …")
        finally:
            for each in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
                signal.signal(each, signal.SIG_IGN)
            product.stop()
        output.line("Stopped.")
    return 0


def _ask_to_stop(number: int, _frame: object) -> None:
    raise StopAskedError


class Product:
    """Everything that one `huifang up` runs."""

    def __init__(self, installation: Installation, web: Address, gateway: Address, *, is_demo: bool) -> None:
        self._installation, self._web, self._gateway = installation, web, gateway
        self._is_demo = is_demo
        self._postgres = None if database.own_url() else Server(installation.postgres, say=_note)
        self._supervisor: Supervisor | None = None

    def start(self) -> None:
        """Start each part and wait for it, saying one line for each."""
        output.line(f"Huifang starts; its data is in {self._installation.folder}")
        began = time.monotonic()
        url = self._start_postgres()
        environment = self._environment(url)
        self._supervisor = supervisor = Supervisor(
            logs=self._installation.logs, environment=environment, say=_note, postgres=self._postgres
        )
        self._migrate(environment)
        if self._is_demo:
            # Over what the operator set: a demo never reaches a real provider. Its time begins to run here.
            environment.update(demo.environment(self._installation.folder))
            self._installation.share(environment)
        environment[work.READY_FILE] = str(self._ready_file)
        started = time.monotonic()
        launched = [(supervisor.launch(program, now=started), note) for program, note in self._programs()]
        for child, note in launched:
            supervisor.wait_until_ready(child)
            output.done(child.program.name, time.monotonic() - started, note)
        output.line(f"Ready after {time.monotonic() - began:.1f} s. Open {self._web.url}   (ctrl-C stops it)")

    def tend(self) -> None:
        """Watch over everything for ever."""
        assert self._supervisor is not None, "Not started."
        trimmed = time.monotonic()
        while True:
            time.sleep(_TEND_SECONDS)
            now = time.monotonic()
            self._supervisor.tend(now=now)
            if now - trimmed > _TRIM_SECONDS:
                self._supervisor.trim_logs()
                trimmed = now

    def stop(self) -> None:
        """Stop everything, in order."""
        if self._supervisor is not None:
            self._supervisor.stop()
        elif self._postgres is not None:
            self._postgres.stop()
        self._installation.withdraw()

    def _start_postgres(self) -> str:
        if self._postgres is None:
            return database.own_url()
        began = time.monotonic()
        self._postgres.start()
        self._installation.write_url(self._postgres.url)
        note = "" if self._installation.folder in self._postgres.base.parents else f"in {self._postgres.base}"
        output.done(f"PostgreSQL {self._postgres.version}", time.monotonic() - began, note)
        return self._postgres.url

    def _environment(self, url: str) -> dict[str, str]:
        environment = self._installation.environment(database_url=url)
        environment.setdefault("HUIFANG_PUBLIC_URL", self._web.url)
        environment.setdefault("HUIFANG_GATEWAY_URL", self._gateway.url)
        self._installation.share(environment)
        return environment

    @property
    def _ready_file(self) -> Path:
        return self._installation.folder / "run" / "worker.ready"

    def _migrate(self, environment: dict[str, str]) -> None:
        began, log = time.monotonic(), self._installation.logs / "migrate.log"
        command = processes.Command(arguments=self._command("migrate"), environment=environment)
        with log.open("wb") as stream:
            process = processes.start(command, output=stream)
            try:
                code = process.wait()
            except BaseException:
                processes.stop(process, ((signal.SIGTERM, 20.0),))
                raise
        if code:
            raise ChildFailedError(name="migrate", log=log, tail=tail(log))
        output.done("schema", time.monotonic() - began)

    def _command(self, name: str, *options: str) -> list[str]:
        start = [sys.executable, "-m", "huifang.cli.main", name]
        return [*start, "--data-dir", str(self._installation.folder), *options]

    def _programs(self) -> list[tuple[Program, str]]:
        """The programs in the order of their start, each with what to say about it."""
        self._ready_file.unlink(missing_ok=True)
        programs = [
            (self._server("web", self._web), self._web.url),
            (self._server("gateway", self._gateway), f"{self._gateway.url}/v1/batch"),
            (self._program("worker", self._ready_file.exists), ""),
        ]
        if (brokers := os.environ.get("KAFKA_BROKERS")) and not self._is_demo:
            programs.append((self._program("stream", lambda: True), f"from {brokers}"))
        if self._is_demo:
            urls = ("--web-url", self._web.url, "--gateway-url", self._gateway.url)
            programs.append((self._program("demo-wallet", lambda: True, *urls), ""))
        return programs

    def _server(self, name: str, address: Address) -> Program:
        return self._program(name, address.is_ready, "--host", address.host, "--port", str(address.port))

    def _program(self, name: str, is_ready: Callable[[], bool], *options: str) -> Program:
        return Program(name=name, arguments=self._command(name, *options), is_ready=is_ready)


def _note(text: str) -> None:
    output.line(f"  ! {text}")
