"""A real process that analyses an archive is killed without warning, and the next one goes on."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

ROWS, DEADLINE = 12_000, 120.0


def started(file: Path, to: Path) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "huifang.cli.main", "text", "analyse", str(file), "--to", str(to)]
    return subprocess.Popen(
        [*command, "--engine", "rules"], stdout=subprocess.PIPE, text=True, cwd=file.parent
    )


def test_a_killed_process_leaves_nothing_twice_and_nothing_out(tmp_path: Path) -> None:
    file, to = tmp_path / "archive.csv", tmp_path / "found.jsonl"
    lines = [f"c{number},手续费太高了，第{number}次说，客服不解决问题" for number in range(ROWS)]
    file.write_text("\n".join(["key,text", *lines]), encoding="utf-8")
    progress, until = to.with_name("found.jsonl.progress"), time.monotonic() + DEADLINE
    first = started(file, to)
    try:
        while not progress.exists() and first.poll() is None and time.monotonic() < until:
            time.sleep(0.002)
    finally:
        os.kill(first.pid, signal.SIGKILL)
        first.communicate()
    assert first.returncode == -signal.SIGKILL
    assert progress.exists()
    second = started(file, to)
    said, _ = second.communicate(timeout=DEADLINE)
    assert second.returncode == 0
    assert "Went on after row" in said
    assert f"{ROWS} rows read" in said
    keys = [json.loads(line)["key"] for line in to.read_text(encoding="utf-8").splitlines()]
    assert keys == [f"c{number}" for number in range(ROWS)]
    assert not progress.exists()
