"""Decides where a cluster lies and which account owns it.

PostgreSQL refuses to run as root, so that root starts it as ``nobody``, who must be able to reach the data.
Where a parent folder forbids that (a 0700 home), the cluster moves under ``/var/lib/huifang`` and leaves a
note; permissions of folders that are not ours are never changed.
"""

import os
import pwd
import secrets
import tempfile
from dataclasses import dataclass
from pathlib import Path

from huifang.kernel.postgres.errors import UnreachableFolderError
from huifang.kernel.processes import Account

ELSEWHERE = Path("/var/lib/huifang")
_NOTE = "location"
_SOCKET_NAME = ".s.PGSQL.5432"
_SOCKET_PATH_BYTES_MAX = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Folders of one cluster: *base* holds the programs, the data, the sockets and the log."""

    base: Path
    account: Account | None

    @property
    def data(self) -> Path:
        """The cluster's own data folder."""
        return self.base / "data"

    @property
    def log(self) -> Path:
        """Where the server writes its log."""
        return self.base / "postgres.log"


def account() -> Account | None:
    """Whom the server runs as: ``nobody`` for root, else this user itself (None)."""
    if os.geteuid() != 0:
        return None
    nobody = pwd.getpwnam("nobody")
    return Account(uid=nobody.pw_uid, gid=nobody.pw_gid)


def blocked_by(folder: Path, user: Account) -> Path | None:
    """The first folder on the way to *folder*, itself included, that *user* may not pass."""
    for step in (*reversed(folder.parents), folder):
        if not step.exists():
            continue
        status = step.stat()
        if status.st_uid == user.uid:
            bit = 0o100
        elif status.st_gid == user.gid:
            bit = 0o010
        else:
            bit = 0o001
        if not status.st_mode & bit:
            return step
    return None


def settle(folder: Path) -> Place:
    """The place of the cluster that belongs to *folder*. Raises `UnreachableFolderError`."""
    user = account()
    base = folder.absolute()
    make_passable(base)
    base = base.resolve()
    note = base / _NOTE
    if note.is_file():
        base = Path(note.read_text(encoding="utf-8").strip())
        make_passable(base)
    elif user is not None and blocked_by(base, user) is not None:
        base = _move_elsewhere(note, user)
    return Place(base=base, account=user)


def _move_elsewhere(note: Path, user: Account) -> Path:
    wall = blocked_by(note.parent, user)
    base = ELSEWHERE / secrets.token_hex(4)
    try:
        make_passable(base)
    except OSError as error:
        base = wall or base
        raise UnreachableFolderError(_unreachable(note.parent, base)) from error
    if blocked_by(base, user) is not None:
        raise UnreachableFolderError(_unreachable(note.parent, wall or base))
    note.write_text(f"{base}\n", encoding="utf-8")
    return base


def _unreachable(folder: Path, wall: Path) -> str:
    return (
        f"PostgreSQL does not run as root, and the account nobody cannot reach {folder} because of {wall}."
        " Choose a --data-dir that others may pass through, start as an ordinary user, or set DATABASE_URL."
    )


def make_passable(folder: Path) -> None:
    """Make *folder* and what is missing above it, so that others may pass what was made here."""
    missing = [step for step in (folder, *folder.parents) if not step.exists()]
    for step in reversed(missing):
        step.mkdir(exist_ok=True)
        step.chmod(0o755)


def make_own(folder: Path, user: Account | None) -> None:
    """Make *folder* if need be, belonging to *user* and closed to all others."""
    folder.mkdir(exist_ok=True)
    folder.chmod(0o700)
    if user is not None:
        os.chown(folder, user.uid, user.gid)


def make_socket_folder(place: Place) -> Path:
    """A closed folder for the sockets; a short one where the cluster's path is too long for a socket."""
    folder = place.base / "run"
    if len(os.fsencode(folder / _SOCKET_NAME)) > _SOCKET_PATH_BYTES_MAX:
        folder = Path(tempfile.mkdtemp(prefix="huifang-", dir="/tmp"))
    make_own(folder, place.account)
    return folder
