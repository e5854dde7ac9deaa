"""One shard that cannot go on does not stop the customers of the others."""

import pytest
from tests.integration.plans.makers import START

from huifang.events.records import SHARDS
from huifang.plans import runner


@pytest.mark.django_db
def test_a_shard_that_fails_is_told_after_the_others_had_their_turn(monkeypatch: pytest.MonkeyPatch):
    taken: list[int] = []

    def run_shard(shard: int, **_: object) -> int:
        taken.append(shard)
        if shard == 0:
            raise RuntimeError("poison")
        return 1

    monkeypatch.setattr(runner, "_run_shard", run_shard)
    with pytest.raises(RuntimeError, match="poison"):
        runner.run(now=START, clock_trusted=True)
    assert taken == list(range(SHARDS))
