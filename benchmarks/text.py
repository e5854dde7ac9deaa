"""Texts a second on one core by engine, against the bars; prints one ratio a line and the smallest last.

Comments of about sixty letters, half of them Chinese, are made of our own phrases. Time is the processor's,
and the best of several runs: neighbours on the machine do not count. ``--quick`` takes fewer texts.
"""

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import random
import resource
import sys
import time

from huifang.kernel import processes
from huifang.textanalysis import embedding, seeds
from huifang.textanalysis.engines import fused
from huifang.textanalysis.engines.base import Engine
from huifang.textanalysis.engines.rules import RuleEngine
from huifang.textanalysis.records import Text

BARS = {"rules": 8_000, "tfidf": 8_000, "fused": 400}
TEXTS, QUICK, RUNS = 8_000, 1_500, 5


def make_texts(count: int) -> list[Text]:
    chance = random.Random(1)
    phrases = [each.text for each in (*seeds.moods(), *seeds.topics(seeds.taxonomy()))]
    chinese = [each for each in phrases if not each.isascii()]
    english = [each for each in phrases if each.isascii()]
    return [
        Text(
            key=str(number),
            text=f"{'，'.join(chance.sample(chinese, 3))}{number}"
            if number % 2
            else f"{', '.join(chance.sample(english, 2))} {number}",
        )
        for number in range(count)
    ]


def measure(engine: Engine, texts: list[Text]) -> float:
    """Texts a second of the processor."""
    engine.analyse(texts[:200])
    best = float("inf")
    for _ in range(RUNS):
        started = time.process_time()
        for start in range(0, len(texts), 500):
            engine.analyse(texts[start : start + 500])
        best = min(best, time.process_time() - started)
    return len(texts) / best


def main() -> int:
    count = QUICK if "--quick" in sys.argv else TEXTS
    texts = make_texts(count)
    started = time.process_time()
    engines: list[Engine] = [RuleEngine(), fused.fresh(with_meaning=False)]
    if embedding.is_installed():
        engines.append(fused.fresh())
    print(f"learning the seeds: {time.process_time() - started:.1f} s of the processor")
    processes.collect_seldom()  # as workers do
    ratios = []
    for engine in engines:
        few = texts[:1_500] if engine.name == fused.NAME else texts
        per_second = measure(engine, few)
        ratios.append(per_second / BARS[engine.name])
        print(f"{engine.name}: {per_second:,.0f} texts/s of {len(few)}, {ratios[-1]:.2f} of its bar")
    print(f"resident: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")
    print(f"{min(ratios):.3f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
