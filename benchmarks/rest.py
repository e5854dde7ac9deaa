"""What the whole stack holds in memory while nothing happens, against 900 MB, and how soon it answers.

    .venv/bin/python benchmarks/rest.py [SECONDS]

`huifang up` starts everything on an empty folder, as a newcomer does, and once more on it. Memory is each
process's own share (what it has in common with others counts by its part), after some seconds of rest.
"""

import argparse
import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from _processor import below, resident_bytes

BAR_BYTES, PATIENCE_SECONDS = 900 * 1024 * 1024, 240.0


def free_port() -> int:
    """A port that nobody has."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def stack(folder: Path) -> Iterator[tuple[int, float]]:
    """The whole stack; gives the number of its first process, and the seconds until both doors answered."""
    web, gateway = free_port(), free_port()
    command = [str(Path(sys.executable).with_name("huifang")), "up", "--data-dir", str(folder)]
    command += ["--port", str(web), "--gateway-port", str(gateway)]
    began = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, start_new_session=True)
    try:
        for port in (web, gateway):
            wait_for(f"http://127.0.0.1:{port}/readyz", until=began + PATIENCE_SECONDS)
        yield process.pid, time.perf_counter() - began
    finally:
        process.terminate()
        process.wait(60)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)


def wait_for(url: str, *, until: float) -> None:
    """Come back when *url* answers."""
    while True:
        with contextlib.suppress(OSError):
            urllib.request.urlopen(url)
            return
        if time.perf_counter() > until:
            raise SystemExit(f"{url} does not answer")
        time.sleep(0.1)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("seconds", type=float, nargs="?", default=20.0)
    seconds = parser.parse_args().seconds
    folder = Path(tempfile.mkdtemp(prefix="huifang-rest-"))
    folder.chmod(0o755)
    try:
        with stack(folder) as (_, first):
            print(f"on an empty folder it answers after {first:.1f} s,", end=" ", flush=True)
        with stack(folder) as (main_process, second):
            print(f"started again after {second:.1f} s")
            time.sleep(seconds)
            shares = sorted((resident_bytes(pid) for pid in below(main_process)), reverse=True)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    largest = ", ".join(f"{share / 1e6:.0f}" for share in shares[:6])
    print(f"{len(shares)} processes hold {sum(shares) / 1e6:.0f} MB; the largest: {largest} MB")
    print(f"rest {sum(shares) / BAR_BYTES:.2f} of the bar of 900 MB")
    return 0 if sum(shares) <= BAR_BYTES else 1


if __name__ == "__main__":
    sys.exit(main())
