"""The disk fills up under the whole product: what is acknowledged is kept, and all goes on afterwards.

Needs a file system of a fixed size, which only root may mount; elsewhere it is skipped, and says so.
"""

import http.client
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from tests.integration.test_start import Product, huifang, status
from tests.load.kills import people_around, running_product
from tests.places import reachable_folder

from huifang.kernel import processes

pytestmark = pytest.mark.slow
SIZE_MB, SECONDS = 700, 300.0


@contextmanager
def small_disk() -> Iterator[Path]:
    """A folder on a file system of its own that is soon full."""
    with reachable_folder() as folder:
        command = ["mount", "-t", "tmpfs", "-o", f"size={SIZE_MB}m,mode=755", "tmpfs", str(folder)]
        if sys.platform != "linux" or os.getuid() or subprocess.run(command, check=False).returncode:
            pytest.skip(
                "NOT TRIED: a full disk needs a file system of fixed size, and none can be mounted here"
            )
        try:
            yield folder
        finally:
            subprocess.run(["umount", "--lazy", str(folder)], check=False)


def fill(filler: Path) -> None:
    """Take all the space that is left."""
    with filler.open("ab", buffering=0) as stream:
        for size in (1_000_000, 4096):
            try:
                while stream.write(b"\0" * size) == size:
                    pass
            except OSError:
                continue


def send_one(product: Product, write_key: str, number: int) -> tuple[int, str]:
    """One event to the gateway: the status, and when to come again."""
    body = {"batch": [{"type": "track", "userId": "late", "messageId": f"late-{number}", "event": "Late"}]}
    headers = {"Authorization": write_key, "Content-Type": "application/json"}
    connection = http.client.HTTPConnection("127.0.0.1", product.gateway_port, timeout=60)
    try:
        connection.request("POST", "/v1/batch", json.dumps(body), headers)
        reply = connection.getresponse()
        return reply.status, reply.getheader("Retry-After") or ""
    finally:
        connection.close()


def test_a_full_disk_loses_nothing_and_repeats_nothing() -> None:
    with (
        small_disk() as disk,
        running_product(disk / "data") as product,
        people_around(product, seed=4) as havoc,
    ):
        assert processes.wait_until(lambda: bool(havoc.told.answered), seconds=SECONDS), product.said()
        filler = disk / "filler"
        refused: list[tuple[int, str]] = []

        def is_refused() -> bool:
            fill(filler)  # again and again: PostgreSQL gives back what it kept in reserve
            with suppress(OSError, http.client.HTTPException):
                refused.append(send_one(product, havoc.write_key, len(refused)))
            return bool(refused) and refused[-1][0] != 200

        assert processes.wait_until(is_refused, seconds=SECONDS), product.said()
        assert refused[-1][0] == 503
        assert int(refused[-1][1]) > 0
        assert status(product.gateway_port, "/healthz") == 200
        assert status(product.gateway_port, "/readyz") == 503
        assert status(product.port, "/readyz") == 503
        said = huifang(product.folder, "doctor").stdout
        assert "✗ data folder" in said, said
        assert "Free some space" in said
        # What cannot be done is refused as such: it is nobody's mistake.
        assert not {"500", "400"} & set(havoc.failed), havoc.failed
        assert not product.has_ended(), product.said()
        filler.unlink()
        assert processes.wait_until(product.is_ready, seconds=SECONDS), product.said()
        before = havoc.counts()["messages"]
        assert processes.wait_until(lambda: havoc.counts()["messages"] > before, seconds=SECONDS)
