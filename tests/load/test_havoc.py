"""Parts killed with -9 at random moments under load: nothing acknowledged is lost, nobody is contacted twice.

`HAVOC_KILLS=100` asks for more kills, `HAVOC_SEED` for other moments.
"""

import os
import random

import pytest
from tests.load.kills import PARTS, survive

pytestmark = pytest.mark.slow
KILLS, SEED = int(os.environ.get("HAVOC_KILLS", "6")), int(os.environ.get("HAVOC_SEED", "1"))


def test_what_was_acknowledged_is_there_and_nobody_is_contacted_twice() -> None:
    survive(random.Random(SEED).choices(PARTS, k=KILLS), seed=SEED)
