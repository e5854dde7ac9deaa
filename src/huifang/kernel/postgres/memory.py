"""How much memory PostgreSQL keeps pages in: an eighth of what there is. It is taken as pages are read."""

import os
from pathlib import Path

_LEAST_MB, _MOST_MB, _SHARE = 128, 1024, 8
# What a container may use, in the words of the two kinds of control groups.
_LIMITS = (Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"))


def shared_buffers(memory_bytes: int | None = None) -> str:
    """The setting of that name, between 128 MB and 1 GB; *memory_bytes* None: of this machine."""
    known = machine_bytes() if memory_bytes is None else memory_bytes
    return f"{min(_MOST_MB, max(_LEAST_MB, known // _SHARE // 2**20))}MB"


def machine_bytes(limits: tuple[Path, ...] = _LIMITS) -> int:
    """The memory of the machine, or what a container of it may use."""
    found = [os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")]
    for path in limits:
        try:
            text = path.read_text(encoding="ascii").strip()
        except OSError:
            continue
        if text.isdecimal():
            found.append(int(text))
    return min(found)
