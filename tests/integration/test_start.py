"""`huifang up` as a whole: it starts, survives the death of each part, and leaves nothing behind."""

import http.client
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from tests.places import reachable_folder

from huifang.kernel import processes

pytestmark = pytest.mark.slow

HUIFANG = [sys.executable, "-m", "huifang.cli.main"]
START_SECONDS, RECOVERY_SECONDS = 330.0, 120.0
ENVIRONMENT = {
    name: value
    for name, value in os.environ.items()
    if not name.startswith(("HUIFANG_", "DATABASE_", "DJANGO_")) and name != "EMAIL_URL"
}


def free_port() -> int:
    with socket.socket() as asked:
        asked.bind(("127.0.0.1", 0))
        return int(asked.getsockname()[1])


def status(port: int, path: str) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", path)
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return 0
    finally:
        connection.close()


def huifang(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [*HUIFANG, *arguments, "--data-dir", str(folder)]
    return subprocess.run(
        command, env=ENVIRONMENT, capture_output=True, text=True, timeout=START_SECONDS, check=False
    )


class Product:
    """A `huifang up` on ports of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port, self.gateway_port = folder, free_port(), free_port()
        self.console = folder.parent / "console.txt"
        self.start()

    def start(self) -> None:
        ports = ["--port", str(self.port), "--gateway-port", str(self.gateway_port)]
        command = [*HUIFANG, "up", *ports, "--data-dir", str(self.folder)]
        with self.console.open("wb") as console:
            self.process = subprocess.Popen(command, env=ENVIRONMENT, stdout=console, stderr=console)
        processes.wait_until(lambda: "Ready" in self.said() or self.has_ended(), seconds=START_SECONDS)
        if "Ready" not in self.said():
            self.process.kill()
            self.process.wait()
            pytest.fail(self.said())

    def said(self) -> str:
        return self.console.read_text(encoding="utf-8")

    def has_ended(self) -> bool:
        return self.process.poll() is not None

    def is_ready(self) -> bool:
        return status(self.port, "/readyz") == status(self.gateway_port, "/readyz") == 200

    def parts(self) -> dict[int, str]:
        """Every process of this product but `huifang up` itself: number and command line."""
        found = {}
        for entry in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):
                pid, line = int(entry.name), (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()
                is_ours = str(self.folder) in line or str(self.folder) in str((entry / "cwd").readlink())
                if is_ours and pid != self.process.pid and processes.is_alive(pid):
                    found[pid] = line
        return found

    def first(self, name: str) -> int:
        """The oldest process of the part *name*."""
        pattern = "bin/postgres -D" if name == "postgres" else f"huifang.cli.main {name} "
        return min(pid for pid, line in self.parts().items() if pattern in line)

    def is_gone(self) -> bool:
        return self.parts() == {}


@pytest.fixture(scope="module")
def product() -> Iterator[Product]:
    with reachable_folder() as made:
        running = Product(made / "data")
        yield running
        running.process.terminate()
        running.process.wait(60)


def test_web_and_gateway_are_healthy_and_ready(product: Product) -> None:
    assert [status(port, "/healthz") for port in (product.port, product.gateway_port)] == [200, 200]
    assert product.is_ready()
    assert f"http://127.0.0.1:{product.port}" in product.said()


def test_a_second_start_on_the_folder_is_refused_with_the_reason(product: Product) -> None:
    refused = huifang(product.folder, "up", "--port", str(free_port()), "--gateway-port", str(free_port()))
    assert refused.returncode == 2
    assert f"process {product.process.pid}" in refused.stderr
    assert product.is_ready()


def test_a_port_in_use_is_refused_with_the_flag_that_helps(product: Product, tmp_path: Path) -> None:
    refused = huifang(tmp_path / "other", "up", "--port", str(product.port))
    assert refused.returncode == 2
    assert f"Port {product.port} " in refused.stderr
    assert "--port" in refused.stderr


def test_a_command_joins_the_running_database(product: Product) -> None:
    assert huifang(product.folder, "migrate").stdout == "The schema is up to date.\n"


def test_the_doctor_finds_the_running_database_and_its_ports(product: Product) -> None:
    ports = ["--port", str(product.port), "--gateway-port", str(product.gateway_port)]
    report = huifang(product.folder, "doctor", *ports).stdout
    assert "✓ schema" in report
    assert "served by this installation" in report


@pytest.mark.parametrize("name", ["web", "gateway", "worker", "postgres"])
def test_a_killed_part_is_started_again(product: Product, name: str) -> None:
    killed = product.first(name)
    os.kill(killed, signal.SIGKILL)
    assert processes.wait_until(lambda: _has_new(product, name, killed), seconds=RECOVERY_SECONDS), (
        product.said()
    )
    assert processes.wait_until(product.is_ready, seconds=RECOVERY_SECONDS), product.said()


def _has_new(product: Product, name: str, old: int) -> bool:
    with suppress(ValueError):
        return product.first(name) != old and not processes.is_alive(old)
    return False


def test_a_kill_of_everything_at_once_leaves_no_process_and_a_folder_that_starts_again() -> None:
    with reachable_folder() as made:
        product = Product(made / "data")
        product.process.kill()
        product.process.wait()
        assert processes.wait_until(product.is_gone, seconds=RECOVERY_SECONDS), product.parts()
        product.start()
        product.process.terminate()
        assert product.process.wait(60) == 0
        assert product.is_gone(), product.parts()
        assert "Stopped" in product.said()
