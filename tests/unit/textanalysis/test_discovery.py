"""Clusters and rising topics: what belongs together, what stays apart, how seldom an alarm is false."""

import numpy as np
import pytest

from huifang.textanalysis import discovery, rising
from huifang.textanalysis.engines.rules import RuleEngine
from huifang.textanalysis.records import Finding, Text

NIGHT = [
    "希望增加夜间模式",
    "建议加个夜间模式",
    "能不能加夜间模式啊",
    "希望有夜间模式，晚上太亮",
    "期待夜间模式",
]
FEE = [
    "提现手续费太高",
    "提现手续费涨得太高了",
    "为啥提现手续费这么高，太高了",
    "手续费太高，提现不划算了",
    "提现收手续费，太高",
]


def findings(texts: list[str]) -> list[Finding]:
    return RuleEngine().analyse([Text(key=str(at), text=text) for at, text in enumerate(texts)])


def test_what_is_said_alike_becomes_a_cluster_with_its_own_name() -> None:
    found = discovery.clusters(findings(NIGHT + FEE))
    named = {cluster.members: " ".join(cluster.name) for cluster in found}
    night = next(name for members, name in named.items() if set(members) <= set(range(5)))
    fee = next(name for members, name in named.items() if set(members) <= set(range(5, 10)))
    assert "夜间" in night
    assert "手续费" in fee


def test_praise_and_blame_of_the_same_thing_stay_apart() -> None:
    praise = ["到账很快很满意", "到账快，满意", "到账真快，非常满意", "满意，到账快"]
    blame = ["到账太慢很失望", "到账慢，失望", "到账真慢，非常失望", "失望，到账太慢"]
    for cluster in discovery.clusters(findings(praise + blame)):
        assert len({at < 4 for at in cluster.members}) == 1


def test_copies_and_templates_count_once_but_are_told() -> None:
    spam = [f"加群领红包{number}！！！" for number in range(50)]
    assert len(discovery.folded(spam)) == 1
    assert discovery.clusters(findings(spam)) == []
    copied = [*NIGHT, *[NIGHT[0] + "。"] * 20]
    (cluster,) = discovery.clusters(findings(copied))
    assert cluster.size == len(cluster.members) > 20
    assert len(cluster.verbatims) == 3
    assert len({copied[at].rstrip("。") for at in cluster.verbatims}) == 3


def test_the_same_texts_give_the_same_clusters() -> None:
    assert discovery.clusters(findings(NIGHT + FEE)) == discovery.clusters(findings(NIGHT + FEE))


@pytest.mark.parametrize("texts", [[], [""], ["🙂"] * 9, ["好"] * 9, ["\x00", "a", "b"]])
def test_next_to_nothing_gives_no_cluster(texts: list[str]) -> None:
    assert discovery.clusters(findings(texts)) == []


def simulated(chance: np.random.Generator, topics: int, spread: float) -> tuple[np.ndarray, np.ndarray]:
    totals = chance.poisson(400, 29)
    level = chance.uniform(0.002, 0.1, topics)[:, None]
    drift = chance.gamma(1 / spread, spread, (topics, 29)) if spread else np.ones((topics, 29))
    return chance.poisson(level * totals * drift), totals


@pytest.mark.parametrize("topics", [1, 10, 40])
@pytest.mark.parametrize("spread", [0.0, 0.05, 0.2])
def test_false_alarms_are_no_more_than_stated(topics: int, spread: float) -> None:
    chance, days = np.random.default_rng(11), 300
    alarms = 0
    for _ in range(days):
        counts, totals = simulated(chance, topics, spread)
        alarms += bool(rising.rising({str(at): row for at, row in enumerate(counts)}, totals))
    # Three standard errors above the stated rate.
    assert alarms / days <= rising.ALARM_RATE + 3 * (0.05 * 0.95 / days) ** 0.5


def test_a_topic_that_triples_is_found_and_no_other() -> None:
    chance, found = np.random.default_rng(5), 0
    for _ in range(100):
        counts, totals = simulated(chance, 10, 0.0)
        counts[0] = chance.poisson(20, 29)
        counts[0, -1] = 60
        rises = rising.rising({str(at): row for at, row in enumerate(counts)}, totals)
        found += bool(rises and rises[0].topic == "0")
    assert found >= 98


def test_a_busy_day_raises_no_topic() -> None:
    counts = {"fees": [20] * 28 + [60]}
    assert rising.rising(counts, [400] * 28 + [1200]) == []
    assert rising.rising(counts, [400] * 29)[0].topic == "fees"


@pytest.mark.parametrize(("counts", "totals"), [([9], [9]), ([0] * 29, [0] * 29), ([1] * 14, [9] * 14)])
def test_a_short_or_empty_past_says_nothing(counts: list[int], totals: list[int]) -> None:
    assert rising.rising({"fees": counts}, totals) == []
