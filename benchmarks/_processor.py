"""What processes used of the processor: the clock on the wall tells of the neighbours as much as of us."""

import os
from functools import cache
from pathlib import Path

import psycopg

_TICKS = os.sysconf("SC_CLK_TCK")
_PARENT, _USER, _SYSTEM, _CHILDREN_USER, _CHILDREN_SYSTEM = 1, 11, 12, 13, 14


def seconds_below(main: int) -> float:
    """Processor seconds of process *main* and of all below it, those that ended too."""
    wanted = (_USER, _SYSTEM, _CHILDREN_USER, _CHILDREN_SYSTEM)
    return sum(int(fields[place]) for fields in below(main).values() for place in wanted) / _TICKS


def below(main: int) -> dict[int, list[str]]:
    """Process *main* and all that it started, with what the system tells of each."""
    known = {int(each.name): found for each in Path("/proc").glob("[0-9]*") if (found := _fields(each))}
    family, todo = set(), [main]
    while todo:
        pid = todo.pop()
        family.add(pid)
        todo += [each for each, fields in known.items() if int(fields[_PARENT]) == pid]
    return {pid: known[pid] for pid in family & known.keys()}


@cache
def postmaster(url: str) -> int:
    """The main process of the server at *url*, on this machine."""
    with psycopg.connect(url) as connection:
        fields = _fields(Path(f"/proc/{connection.info.backend_pid}"))
    assert fields, "the server is on this machine"
    return int(fields[_PARENT])


def seconds_of_postgres(url: str) -> float:
    """Processor seconds of the server at *url*."""
    return seconds_below(postmaster(url))


def resident_bytes(pid: int) -> int:
    """Memory that is a process's own share: what it has in common with others counts by its part."""
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) * 1024
    return 0


def _fields(process: Path) -> list[str] | None:
    try:
        text = (process / "stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    return text.rpartition(")")[2].split()


def bytes_a_row(url: str, *tables: str) -> dict[str, int]:
    """What one row of each of *tables* takes on disk, its indexes and its long values with it."""
    with psycopg.connect(url, autocommit=True) as connection:
        found = {}
        for table in tables:
            rows = connection.execute(f"SELECT count(*) FROM {table}").fetchone()
            size = connection.execute(
                "SELECT coalesce(sum(pg_total_relation_size(relid)), pg_total_relation_size(%(table)s))"
                " FROM pg_partition_tree(%(table)s)",
                {"table": table},
            ).fetchone()
            assert rows and size
            found[table] = round(size[0] / rows[0]) if rows[0] else 0
    return found
