"""Where a cluster lies, and who may reach it."""

from pathlib import Path

import pytest

from huifang.kernel.postgres import place
from huifang.kernel.postgres.errors import UnreachableFolderError
from huifang.kernel.processes import Account

STRANGER = Account(uid=64999, gid=64999)


@pytest.fixture
def open_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that a stranger reaches, as far as the part below it goes."""
    folder = tmp_path_factory.mktemp("open")
    folder.chmod(0o755)
    return folder


def test_a_closed_folder_on_the_way_blocks_a_stranger(open_folder: Path) -> None:
    inner = open_folder / "home" / "data"
    inner.mkdir(parents=True)
    (open_folder / "home").chmod(0o700)
    wall = place.blocked_by(inner, STRANGER)
    assert wall in {open_folder / "home", *open_folder.parents}


def test_the_owner_is_not_blocked_by_what_is_closed_to_others(tmp_path: Path) -> None:
    closed = tmp_path / "own"
    closed.mkdir(mode=0o700)
    status = closed.stat()
    owner = Account(uid=status.st_uid, gid=status.st_gid)
    assert place.blocked_by(closed, owner) is None


def test_a_cluster_that_its_account_cannot_reach_moves_and_stays_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(place, "account", lambda: STRANGER)
    monkeypatch.setattr(place, "ELSEWHERE", tmp_path / "elsewhere")
    blocked = tmp_path / "home" / "pg"
    monkeypatch.setattr(
        place,
        "blocked_by",
        lambda folder, user: blocked.parent if blocked in (folder, *folder.parents) else None,
    )
    first = place.settle(blocked)
    assert first.base.parent == tmp_path / "elsewhere"
    assert place.settle(blocked).base == first.base


def test_two_clusters_that_move_do_not_meet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A data folder that was deleted and made anew must not find the old data under a new key."""
    monkeypatch.setattr(place, "account", lambda: STRANGER)
    monkeypatch.setattr(place, "ELSEWHERE", tmp_path / "elsewhere")
    monkeypatch.setattr(place, "blocked_by", lambda folder, user: folder if "home" in folder.parts else None)
    one, two = place.settle(tmp_path / "home" / "a"), place.settle(tmp_path / "home" / "b")
    assert one.base != two.base


def test_where_no_place_can_be_reached_the_message_names_the_wall(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(place, "account", lambda: STRANGER)
    monkeypatch.setattr(place, "ELSEWHERE", tmp_path / "elsewhere")
    monkeypatch.setattr(place, "blocked_by", lambda folder, user: tmp_path / "wall")
    with pytest.raises(UnreachableFolderError, match="wall"):
        place.settle(tmp_path / "pg")


def test_an_ordinary_user_keeps_the_data_where_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(place, "account", lambda: None)
    assert place.settle(tmp_path / "deep" / "pg").base == (tmp_path / "deep" / "pg").resolve()


def test_a_long_path_gets_a_short_folder_for_its_socket(tmp_path: Path) -> None:
    base = tmp_path / ("long" * 25)
    base.mkdir()
    folder = place.make_socket_folder(place.Place(base=base, account=None))
    try:
        assert len(str(folder / ".s.PGSQL.5432")) <= 100
        assert folder.stat().st_mode & 0o777 == 0o700
    finally:
        folder.rmdir()
