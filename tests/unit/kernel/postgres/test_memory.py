"""PostgreSQL's share of the memory: an eighth, within bounds, and of a container's own limit."""

from pathlib import Path

import pytest

from huifang.kernel.postgres import memory


@pytest.mark.parametrize(
    ("memory_bytes", "setting"),
    [(2**29, "128MB"), (2 * 2**30, "256MB"), (4 * 2**30, "512MB"), (64 * 2**30, "1024MB")],
)
def test_it_is_an_eighth_within_bounds(memory_bytes: int, setting: str) -> None:
    assert memory.shared_buffers(memory_bytes) == setting


def test_a_container_counts_by_its_own_limit(tmp_path: Path) -> None:
    (tmp_path / "limit").write_text("1073741824\n")
    (tmp_path / "none").write_text("max\n")
    limits = (tmp_path / "none", tmp_path / "limit", tmp_path / "missing")
    assert memory.machine_bytes(limits) == 2**30
    assert memory.machine_bytes((tmp_path / "none",)) > 2**28
