"""A process that rehearses one part of the customers, for `parts`. Started with nothing but its arguments.

It gives way to everything else on the machine, and ends when whoever started it does.
"""

import os
import sys
from pathlib import Path

from huifang.kernel import processes

_GIVES_WAY = 10


def main(arguments: list[str]) -> int:
    """Rehearse; how far it is and what came of it are written beside each other into a folder."""
    rehearsal_id, number, of, parent = map(int, arguments[:4])
    folder = Path(arguments[4])
    processes.die_with_parent()
    if os.getppid() != parent:
        return 1
    os.nice(_GIVES_WAY)
    import django

    django.setup()
    import msgspec

    from huifang.plans import parts, rehearsals
    from huifang.plans.crowds import Part
    from huifang.plans.models import Rehearsal

    def tell(done: int) -> None:
        if os.getppid() != parent:  # where the system tells nobody of a parent's death
            os._exit(1)
        parts.write(folder / parts.PROGRESS, str(done).encode())

    processes.collect_seldom()
    row = Rehearsal.objects.get(pk=rehearsal_id)
    tally = rehearsals.play(row, Part(number, of), tell)
    parts.write(folder / parts.RESULT, msgspec.msgpack.encode(tally))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
