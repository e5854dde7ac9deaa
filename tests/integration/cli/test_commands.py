"""Commands without a running product: each starts the database for its own duration."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.places import reachable_folder

from huifang.kernel import processes

pytestmark = pytest.mark.slow

ENVIRONMENT = {
    name: value
    for name, value in os.environ.items()
    if not name.startswith(("HUIFANG_", "DATABASE_", "DJANGO_"))
}


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    with reachable_folder() as made:
        yield made / "data"


def huifang(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "huifang.cli.main", *arguments, "--data-dir", str(folder)]
    return subprocess.run(command, env=ENVIRONMENT, capture_output=True, text=True, timeout=180, check=False)


def test_the_write_key_is_the_last_line_and_can_be_listed_and_revoked(folder: Path) -> None:
    made = huifang(folder, "write-key", "create", "--name", "app")
    assert made.returncode == 0, made.stderr
    assert " " not in made.stdout.splitlines()[-1]
    assert huifang(folder, "write-key", "revoke", "--name", "app").returncode == 0
    assert "revoked" in huifang(folder, "write-key", "list").stdout


def test_a_refusal_of_a_room_is_one_line_and_exit_code_2(folder: Path) -> None:
    refused = huifang(folder, "api-key", "create", "--name", "reports", "--role", "king")
    assert (refused.returncode, refused.stdout) == (2, "")
    assert refused.stderr.startswith("huifang: ")
    assert refused.stderr.count("\n") == 1


def test_a_person_gets_a_link_as_the_last_line(folder: Path) -> None:
    made = huifang(folder, "person", "create", "--email", "lin@example.org", "--role", "admin")
    assert made.returncode == 0, made.stderr
    assert made.stdout.splitlines()[-1].startswith("http://127.0.0.1:8000/invitations/")


def test_the_untouched_ledger_of_consent_is_whole(folder: Path) -> None:
    assert "whole" in huifang(folder, "consent", "verify").stdout


def test_a_program_that_needs_a_running_database_says_so(folder: Path) -> None:
    refused = huifang(folder, "worker")
    assert refused.returncode == 2
    assert "huifang up" in refused.stderr


def test_commands_leave_no_server_behind(folder: Path) -> None:
    assert processes.working_in(folder / "pg" / "data") == []
    assert not (folder / "run" / "database.url").exists()


def test_the_facts_say_how_far_they_are_and_are_begun_anew(folder: Path) -> None:
    seen = huifang(folder, "facts", "status")
    assert seen.returncode == 0, seen.stderr
    assert "answers: 0 rows in 0 files, up to not written yet" in seen.stdout
    anew = huifang(folder, "facts", "rebuild", "answers")
    assert anew.stdout == "The worker writes anew: answers.\n"
    refused = huifang(folder, "facts", "rebuild", "nothing-known")
    assert refused.returncode == 2
    assert "nothing-known" in refused.stderr
