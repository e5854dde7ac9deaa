"""The doctor's checks: what is wrong is found, and something is said that helps."""

import json
import os
import socket
from pathlib import Path

import pytest

from huifang.cli import checks, doctor
from huifang.cli.findings import Finding, Level, Patient, bad, good, note
from huifang.cli.installation import Installation
from huifang.kernel import vault


@pytest.fixture
def patient(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Patient:
    for name in ("HUIFANG_KEYS", "HUIFANG_KEY_FILE", "HUIFANG_PUBLIC_URL", "HUIFANG_PG_BIN", "DATABASE_URL"):
        monkeypatch.delenv(name, raising=False)
    vault.keyring.cache_clear()
    return Patient(installation=Installation(tmp_path / "data"), url="", host="127.0.0.1", ports={})


@pytest.fixture(autouse=True)
def _fresh_keyring():  # type: ignore[no-untyped-def]
    """Leave no keyring of a test behind."""
    before = dict(os.environ)
    yield
    os.environ.clear()
    os.environ.update(before)
    vault.keyring.cache_clear()


def test_a_key_that_others_can_read_is_bad_and_the_cure_is_a_command(patient: Patient) -> None:
    patient.installation.prepare()
    patient.installation.key_file.chmod(0o644)
    finding = checks.keys(patient)
    assert finding.level is Level.BAD
    assert finding.advice == f"Run: chmod 600 {patient.installation.key_file}"


def test_a_fresh_key_is_good(patient: Patient) -> None:
    patient.installation.prepare()
    assert checks.keys(patient).level is Level.GOOD


def test_a_missing_key_is_only_a_note_before_the_first_start(patient: Patient) -> None:
    assert checks.keys(patient).level is Level.NOTE


def test_a_key_that_was_lost_under_existing_data_is_bad(patient: Patient) -> None:
    """A new key would open nothing that the old one sealed."""
    (patient.installation.postgres / "data").mkdir(parents=True)
    finding = checks.keys(patient)
    assert finding.level is Level.BAD
    assert "backup" in finding.advice


def test_a_key_that_is_no_key_is_bad(patient: Patient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUIFANG_KEYS", "1:short")
    assert checks.keys(patient).level is Level.BAD


def test_a_port_that_another_program_uses_is_bad(patient: Patient) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        taken = Patient(
            installation=patient.installation,
            url="",
            host="127.0.0.1",
            ports={"--port": other.getsockname()[1]},
        )
        finding = checks.ports(taken)
    assert finding.level is Level.BAD
    assert "--port" in finding.advice


def test_a_data_folder_that_is_a_file_is_bad(patient: Patient, tmp_path: Path) -> None:
    (tmp_path / "data").write_text("")
    assert checks.data_folder(patient).level is Level.BAD


def test_a_disk_that_is_nearly_full_is_bad(patient: Patient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks.space, "free_bytes", lambda folder: 100_000_000)
    assert checks.data_folder(patient).level is Level.BAD


def test_links_that_lead_to_this_machine_are_noted(patient: Patient) -> None:
    assert checks.addresses(patient).level is Level.NOTE


def test_a_catalogue_that_was_changed_after_it_was_compiled_is_bad(
    patient: Patient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "locale" / "zh_Hans" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "django.mo").write_text("")
    (folder / "django.po").write_text("")
    os.utime(folder / "django.mo", (1, 1))
    monkeypatch.setenv("HUIFANG_LOCALE_DIR", str(tmp_path / "locale"))
    assert checks.languages(patient).level is Level.BAD


def test_time_zones_are_known(patient: Patient) -> None:
    assert checks.zones(patient) == good("time zones", "known")


def examine(monkeypatch: pytest.MonkeyPatch, folder: Path, *findings: Finding, json_too: bool = False) -> int:
    monkeypatch.setattr(checks, "CHECKS", [lambda patient, each=each: each for each in findings])
    monkeypatch.setattr("huifang.cli.database_checks.all_findings", lambda patient: [])
    from huifang.cli import main

    return main.main(["doctor", "--data-dir", str(folder), *(["--json"] if json_too else [])])


def test_notes_alone_do_not_fail(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert examine(monkeypatch, tmp_path, good("a", "fine"), note("b", "hm", "look")) == 0


def test_anything_bad_fails_and_its_advice_stands_below(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert examine(monkeypatch, tmp_path, bad("disk", "full", "Free some space.")) == 1
    first, second = capsys.readouterr().out.splitlines()
    assert first.split() == ["✗", "disk", "full"]
    assert second.strip() == "→ Free some space."


def test_programs_read_the_findings_as_json(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert examine(monkeypatch, tmp_path, bad("disk", "full", "Free some space."), json_too=True) == 1
    assert json.loads(capsys.readouterr().out) == [
        {"check": "disk", "level": "bad", "text": "full", "advice": "Free some space."}
    ]


def test_the_doctor_changes_nothing(patient: Patient, tmp_path: Path) -> None:
    [check(patient) for check in checks.CHECKS]
    assert not (tmp_path / "data").exists()
    assert doctor.MARKS[Level.BAD] == "✗"
