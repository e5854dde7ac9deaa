"""A backup brings everything back, changes nothing when it cannot, and contacts nobody twice."""

import os
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.places import reachable_folder

pytestmark = pytest.mark.slow

CUSTOMERS = "external_id,language,phone,consent\n" + "".join(
    f"c{n},en,+861380013{n:04},service_follow_up\n" for n in range(40)
)
ENVIRONMENT = {
    name: value
    for name, value in os.environ.items()
    if not name.startswith(("HUIFANG_", "DATABASE_", "DJANGO_"))
}


def huifang(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "huifang.cli.main", *arguments, "--data-dir", str(folder)]
    return subprocess.run(command, env=ENVIRONMENT, capture_output=True, text=True, timeout=300, check=False)


@pytest.fixture(scope="module")
def place() -> Iterator[Path]:
    with reachable_folder() as made:
        (made / "customers.csv").write_text(CUSTOMERS, encoding="utf-8")
        filled = huifang(made / "first", "import", "customers", str(made / "customers.csv"))
        assert filled.returncode == 0, filled.stderr
        (made / "first" / "files").mkdir()
        (made / "first" / "files" / "voice.bin").write_bytes(b"sealed")
        for name, options in (("whole", ["--with-keys"]), ("keyless", [])):
            done = huifang(made / "first", "backup", str(made / name), *options)
            assert done.returncode == 0, done.stderr
        yield made


def names_in(folder: Path) -> set[str]:
    """Every file of an installation but its log and database."""
    kept = (path for path in folder.rglob("*") if path.is_file() and "pg" not in path.parts)
    return {path.relative_to(folder).as_posix() for path in kept}


def test_a_fresh_machine_gets_everything_back(place: Path) -> None:
    done = huifang(place / "second", "restore", str(place / "whole"))
    assert done.returncode == 0, done.stderr
    assert (place / "second" / "files" / "voice.bin").read_bytes() == b"sealed"
    again = huifang(place / "second", "import", "customers", str(place / "customers.csv"))
    assert "40 were as they are" in again.stdout, "the same customers, not new ones"
    assert "whole" in huifang(place / "second", "consent", "verify").stdout


def test_a_backup_is_closed_to_other_users_and_has_no_keys_unless_asked(place: Path) -> None:
    assert (place / "whole").stat().st_mode & 0o077 == 0
    with tarfile.open(place / "keyless") as archive:
        assert "keys/master.key" not in archive.getnames()
    with tarfile.open(place / "whole") as archive:
        assert "keys/master.key" in archive.getnames()


def test_a_backup_never_overwrites_a_file(place: Path) -> None:
    before = (place / "whole").read_bytes()
    refused = huifang(place / "first", "backup", str(place / "whole"))
    assert refused.returncode == 2
    assert (place / "whole").read_bytes() == before


def test_other_keys_are_told_before_anything_changes(place: Path) -> None:
    refused = huifang(place / "third", "restore", str(place / "keyless"))
    assert refused.returncode == 2
    assert "keys" in refused.stderr
    shutil.copyfile(place / "first" / "keys" / "master.key", place / "third" / "keys" / "master.key")
    done = huifang(place / "third", "restore", str(place / "keyless"))
    assert done.returncode == 0, done.stderr


def test_an_installation_with_customers_is_replaced_only_when_asked(place: Path) -> None:
    refused = huifang(place / "first", "restore", str(place / "whole"))
    assert refused.returncode == 2
    assert "40 customers" in refused.stderr
    done = huifang(place / "first", "restore", str(place / "whole"), "--replace")
    assert done.returncode == 0, done.stderr
    assert any(path.parent.name.startswith("huifang_before_") for path in place.glob("first/*/files"))


@pytest.mark.parametrize("harm", ["half", "byte", "none"])
def test_a_harmed_file_is_refused_and_changes_nothing(place: Path, harm: str) -> None:
    content = bytearray((place / "whole").read_bytes())
    middle = len(content) // 2
    content[middle] ^= 0xFF
    harmed = {"half": bytes(content[:middle]), "byte": bytes(content), "none": b"not a backup"}[harm]
    (place / f"harmed-{harm}").write_bytes(harmed)
    before = names_in(place / "first")
    refused = huifang(place / "first", "restore", str(place / f"harmed-{harm}"), "--replace")
    assert refused.returncode == 2
    assert "Nothing was changed" in refused.stderr
    assert names_in(place / "first") == before


def test_a_member_that_leads_out_of_the_backup_is_refused(place: Path) -> None:
    (place / "evil.txt").write_text("evil", encoding="utf-8")
    with tarfile.open(place / "evil", "w") as archive:
        archive.add(place / "evil.txt", arcname="../../escaped")
    refused = huifang(place / "first", "restore", str(place / "evil"), "--replace")
    assert refused.returncode == 2
    assert "leads out" in refused.stderr
    assert not list(place.rglob("escaped"))
