"""Finds the one item that makes a batch fail, and sets it aside where a person sees it. The others go on.

Only what the item itself causes counts: where the database is away, or two transactions stood in each
other's way, the whole batch is tried again later.
"""

import logging
from collections.abc import Callable, Sequence
from typing import TypeVar

from django.db import InterfaceError, OperationalError, ProgrammingError, transaction

_log = logging.getLogger(__name__)
_Item = TypeVar("_Item")
_NOT_THE_ITEMS = (OperationalError, InterfaceError, ProgrammingError)


def each_alone(
    items: Sequence[_Item],
    work: Callable[[Sequence[_Item]], None],
    park: Callable[[_Item, Exception], None],
) -> int:
    """Do *work* on *items* in their order, in the caller's transaction; how many were parked.

    A batch that fails is undone and halved until each item that fails stands alone, and is parked.
    """
    if not items:
        return 0
    try:
        with transaction.atomic():
            work(items)
    except _NOT_THE_ITEMS:
        raise
    except Exception as error:
        if len(items) > 1:
            half = len(items) // 2
            return each_alone(items[:half], work, park) + each_alone(items[half:], work, park)
        _log.exception("one item failed alone and is parked")
        park(items[0], error)
        return 1
    return 0
