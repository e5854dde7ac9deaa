"""The doctor's checks of this machine and this installation's files; none needs a database."""

import importlib.util
import os
import stat
import sys
import tempfile
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from huifang.cli import database
from huifang.cli.errors import PortTakenError
from huifang.cli.findings import Check, Finding, Patient, bad, good, note
from huifang.cli.up import Address
from huifang.kernel import space, vault
from huifang.kernel.postgres import binaries
from huifang.kernel.postgres.errors import PostgresError
from huifang.kernel.texts import catalogue_folder

_PYTHON_MIN = (3, 11)
_ZONES = ("Asia/Shanghai", "Asia/Kathmandu", "America/New_York")
_FRONTEND_FILES = ("console.js", "console.css", "survey.css")


def python(patient: Patient) -> Finding:
    """The version of Python."""
    text = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info < _PYTHON_MIN:
        return bad("python", f"Python {text} is too old", "Use Python 3.11 or newer: make setup PYTHON=…")
    return good("python", f"Python {text}")


def data_folder(patient: Patient) -> Finding:
    """Whether the data folder can be written, and has room."""
    folder = next(
        step for step in (patient.installation.folder, *patient.installation.folder.parents) if step.exists()
    )
    try:
        with tempfile.TemporaryFile(dir=folder):
            free = space.free_bytes(folder)
    except OSError as error:
        return bad("data folder", f"{folder}: {error.strerror}", "Choose a folder of yours with --data-dir.")
    text = f"{patient.installation.folder}, {free / 1e9:.1f} GB free"
    if free < space.SCARCE_BYTES:
        return bad("data folder", text, "Free some space: PostgreSQL stops when the disk is full.")
    if free < space.LOW_BYTES:
        return note("data folder", text, "Free some space soon.")
    return good("data folder", text)


def keys(patient: Patient) -> Finding:
    """Whether there is a master key that only its owner can read."""
    if os.environ.get("HUIFANG_KEYS"):
        return _keyring("from HUIFANG_KEYS")
    named = os.environ.get("HUIFANG_KEY_FILE", "")
    file = Path(named) if named else patient.installation.key_file
    if not file.exists():
        if (patient.installation.postgres / "data").exists() or named:
            return bad("master key", f"{file} is missing", "Bring it back from your backup of the key.")
        return note("master key", "none yet", "`huifang up` makes one. Then keep a copy in a safe place.")
    if stat.S_IMODE(file.stat().st_mode) & 0o077:
        return bad("master key", f"{file} can be read by others", f"Run: chmod 600 {file}")
    os.environ["HUIFANG_KEY_FILE"] = str(file)
    return _keyring(f"in {file}")


def _keyring(where: str) -> Finding:
    try:
        ring = vault.keyring()
    except vault.VaultError as error:
        return bad("master key", f"{where}: {error}", "Set it as the settings page says.")
    return good("master key", f"{len(ring.masters)} {where}")


def programs(patient: Patient) -> Finding:
    """Whether PostgreSQL's programs are there; not asked with a server of one's own."""
    if database.own_url():
        return good("postgresql programs", "not needed, DATABASE_URL names a server")
    try:
        found = binaries.find(binaries.named_folder())
        version = binaries.version(found.folder)
    except PostgresError as error:
        return bad("postgresql programs", str(error), "Install one of these, then run this again.")
    major = int(version.partition(".")[0])
    if major < binaries.MAJOR_MIN:
        advice = f"Use PostgreSQL {binaries.MAJOR_MIN} or newer."
        return bad("postgresql programs", f"{version} in {found.folder} is too old", advice)
    return good("postgresql programs", f"{version} ({found.source}), {found.folder}")


def ports(patient: Patient) -> Finding:
    """Whether the ports are free, or served by this installation."""
    holder = patient.installation.holder()
    ours = {holder.port, holder.gateway_port} if holder else set()
    for flag, port in patient.ports.items():
        if port in ours:
            continue
        try:
            Address(host=patient.host, port=port).check_free(flag)
        except PortTakenError as error:
            return bad("ports", str(error), f"Start with another: huifang up {flag} NUMBER")
    shown = " and ".join(map(str, patient.ports.values()))
    return good("ports", f"{shown} are {'served by this installation' if ours else 'free'}")


def frontend(patient: Patient) -> Finding:
    """Whether styles and scripts were built."""
    folder = _package() / "console" / "static" / "huifang"
    missing = [name for name in _FRONTEND_FILES if not (folder / name).is_file()]
    if missing:
        return bad("frontend", f"not built: {', '.join(missing)}", "Run: make setup")
    return good("frontend", "styles and scripts are built")


def languages(patient: Patient) -> Finding:
    """Whether the catalogues were compiled since they were last changed."""
    folder = catalogue_folder()
    sources = list(folder.glob("*/LC_MESSAGES/*.po"))
    stale = [
        source
        for source in sources
        if not (made := source.with_suffix(".mo")).exists() or made.stat().st_mtime < source.stat().st_mtime
    ]
    if stale:
        return bad("languages", f"not compiled: {', '.join(map(str, stale))}", "Run: make setup")
    compiled = list(folder.glob("*/LC_MESSAGES/*.mo"))
    if not compiled:
        advice = "Install the product with its catalogues, or set HUIFANG_LOCALE_DIR."
        return note("languages", f"English only: no catalogue in {folder.absolute()}", advice)
    return good("languages", "Chinese and English")


def zones(patient: Patient) -> Finding:
    """Whether time zones are known."""
    try:
        for zone in _ZONES:
            ZoneInfo(zone)
    except ZoneInfoNotFoundError as error:
        return bad("time zones", f"unknown: {error}", "Install tzdata: pip install tzdata")
    return good("time zones", "known")


def addresses(patient: Patient) -> Finding:
    """Whether links in messages lead anywhere for a customer."""
    url = os.environ.get("HUIFANG_PUBLIC_URL", "")
    if not url:
        advice = "Set HUIFANG_PUBLIC_URL before you contact customers; links lead to this machine until then."
        return note("public address", "not set", advice)
    if not url.startswith("https://"):
        return note("public address", f"{url} is not encrypted", "Put a proxy with TLS before it.")
    return good("public address", url)


def _package() -> Path:
    spec = importlib.util.find_spec("huifang")
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent


CHECKS: tuple[Check, ...] = (
    python,
    data_folder,
    keys,
    programs,
    ports,
    frontend,
    languages,
    zones,
    addresses,
)
