"""Space on the disk, and faults that came from its lack, told apart from every other fault."""

import errno
from pathlib import Path

import psycopg
import pytest
from django.db.utils import OperationalError

from huifang.kernel import space


def caused_by(error: Exception) -> Exception:
    try:
        raise OperationalError from error
    except OperationalError as found:
        return found


def test_the_space_of_a_folder_that_is_not_there_yet_is_that_of_the_one_above(tmp_path: Path) -> None:
    assert space.free_bytes(tmp_path / "not" / "yet") > 0


@pytest.mark.parametrize(
    ("error", "is_full", "is_away"),
    [
        (psycopg.errors.DiskFull("could not extend file"), True, False),
        (OSError(errno.ENOSPC, "No space left on device"), True, False),
        (OSError(errno.ENOENT, "No such file"), False, False),
        (psycopg.OperationalError("connection refused"), False, True),
        (psycopg.errors.CannotConnectNow("starting up"), False, True),
        (psycopg.errors.AdminShutdown("terminating"), False, True),
        (psycopg.errors.LockNotAvailable("lock"), False, False),
        (psycopg.errors.QueryCanceled("statement timeout"), False, False),
        (psycopg.errors.UniqueViolation("twice"), False, False),
        (ZeroDivisionError(), False, False),
    ],
)
def test_a_lack_of_space_and_an_absent_database_are_known(
    error: Exception, is_full: bool, is_away: bool
) -> None:
    for each in (error, caused_by(error)):
        assert space.is_lack_of_it(each) is is_full
        assert space.is_absence_of_the_database(each) is is_away
    assert not space.is_lack_of_it(None)
