"""The data folder: its lock, its key, its environment."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from huifang.cli.errors import DataFolderHeldError
from huifang.cli.installation import Holder, Installation

HOLD = """
import os, sys, time
from pathlib import Path
from huifang.cli.installation import Holder, Installation
with Installation(Path(sys.argv[1])).held(Holder(pid=os.getpid(), purpose=sys.argv[2], port=8123)):
    print("held", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def installation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Installation:
    for name in ("HUIFANG_KEYS", "HUIFANG_KEY_FILE", "HUIFANG_PUBLIC_URL"):
        monkeypatch.delenv(name, raising=False)
    made = Installation(tmp_path / "data")
    made.prepare()
    return made


def hold(installation: Installation, purpose: str) -> subprocess.Popen[bytes]:
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(installation.folder), purpose], stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"held\n"
    return process


def test_the_first_preparation_makes_a_key_that_only_its_owner_reads(installation: Installation) -> None:
    assert installation.key_file.stat().st_mode & 0o777 == 0o600
    assert installation.key_file.parent.stat().st_mode & 0o777 == 0o700


def test_a_key_is_never_made_twice(installation: Installation) -> None:
    before = installation.key_file.read_text()
    installation.prepare()
    assert installation.key_file.read_text() == before


def test_no_key_is_made_where_the_operator_gives_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUIFANG_KEYS", "1:AAAA")
    installation = Installation(tmp_path / "data")
    installation.prepare()
    assert not installation.key_file.exists()


def test_a_held_folder_is_refused_with_the_holders_number(installation: Installation) -> None:
    process = hold(installation, "up")
    try:
        with (
            pytest.raises(DataFolderHeldError, match=f"process {process.pid}"),
            installation.held(Holder(pid=os.getpid(), purpose="up"), wait_seconds=30),
        ):
            pytest.fail("The folder was held twice.")
        assert installation.holder() == Holder(pid=process.pid, purpose="up", port=8123)
    finally:
        process.kill()
        process.wait()


def test_the_lock_ends_with_its_process_however_it_ends(installation: Installation) -> None:
    process = hold(installation, "up")
    process.kill()
    process.wait()
    with installation.held(Holder(pid=os.getpid(), purpose="up")):
        assert json.loads(installation.lock_file.read_text())["pid"] == os.getpid()
    assert installation.holder() is None


def test_a_short_command_is_waited_for(installation: Installation) -> None:
    process = hold(installation, "migrate")
    killer = subprocess.Popen(["sh", "-c", f"sleep 0.5; kill -9 {process.pid}"])
    with installation.held(Holder(pid=os.getpid(), purpose="up"), wait_seconds=30):
        pass
    assert (killer.wait(), process.wait()) == (0, -9)


def test_the_operators_own_settings_stay_but_data_folder_and_database_are_this_installations(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HUIFANG_PUBLIC_URL", "https://follow.example")
    monkeypatch.setenv("HUIFANG_DATA_DIR", "/elsewhere")
    environment = installation.environment(database_url="postgresql:///other")
    assert environment["HUIFANG_PUBLIC_URL"] == "https://follow.example"
    assert environment["HUIFANG_DATA_DIR"] == str(installation.folder)
    assert environment["DATABASE_URL"] == "postgresql:///other"
    assert environment["HUIFANG_KEY_FILE"] == str(installation.key_file)


def test_commands_beside_a_running_product_share_what_it_chose(installation: Installation) -> None:
    installation.share({"HUIFANG_CLOCK": "compressed", "PATH": os.environ["PATH"]})
    process = hold(installation, "up")
    try:
        assert installation.environment(database_url="")["HUIFANG_CLOCK"] == "compressed"
    finally:
        process.kill()
        process.wait()


def test_what_a_killed_product_chose_is_not_used_any_more(installation: Installation) -> None:
    installation.share({"HUIFANG_CLOCK": "compressed"})
    assert "HUIFANG_CLOCK" not in installation.environment(database_url="")
