"""Whether the disk of this machine's data has space left, and whether a fault came from its lack.

No Django.
"""

import errno
import shutil
from pathlib import Path

import psycopg

from huifang.kernel import env

# Below the first PostgreSQL cannot go on for long; below the second somebody has to see to it.
FULL_BYTES, SCARCE_BYTES, LOW_BYTES = 48_000_000, 200_000_000, 2_000_000_000
_FULL_ERRORS = {errno.ENOSPC, errno.EDQUOT}
_FOLDER = env.path(
    "HUIFANG_DATA_DIR", default=".huifang", help="Folder of everything that one machine keeps."
)


def free_bytes(folder: Path | None = None) -> int:
    """Space left in *folder* (the data folder where none is named), or in the first above it that is."""
    wanted = (folder or _FOLDER).absolute()
    there = next(step for step in (wanted, *wanted.parents) if step.exists())
    return shutil.disk_usage(there).free


def is_full() -> bool:
    """Whether nothing more should be counted on to be stored."""
    return free_bytes() < FULL_BYTES


def is_lack_of_it(error: BaseException | None) -> bool:
    """Whether *error*, or what it came from, says that a disk is full."""
    return any(
        isinstance(each, psycopg.errors.DiskFull)
        or (isinstance(each, OSError) and each.errno in _FULL_ERRORS)
        for each in _causes(error)
    )


def is_absence_of_the_database(error: BaseException | None) -> bool:
    """Whether *error*, or what it came from, says that the database cannot be reached or is only starting."""
    return any(
        isinstance(each, psycopg.OperationalError | psycopg.InterfaceError) and _is_about_the_way(each)
        for each in _causes(error)
    )


def _is_about_the_way(error: psycopg.Error) -> bool:
    """No SQLSTATE: there was no answer. 08: the connection broke. 57P: the server ends or starts."""
    return error.sqlstate is None or error.sqlstate.startswith(("08", "57P"))


def _causes(error: BaseException | None) -> list[BaseException]:
    found: list[BaseException] = []
    while error is not None and error not in found:
        found.append(error)
        error = error.__cause__ or error.__context__
    return found
