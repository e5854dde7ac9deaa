"""Each part killed once with -9 under load; `make test-load` does it many times at random.

What was acknowledged is there afterwards, nobody is contacted twice, and whom nothing forbids is contacted.
"""

import pytest
from tests.load.kills import PARTS, survive

pytestmark = pytest.mark.slow


def test_nothing_is_lost_and_nobody_contacted_twice_when_each_part_is_killed() -> None:
    survive(PARTS, seed=2)
