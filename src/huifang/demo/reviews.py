"""What customers write in app stores, before the demo and in it: Feedback has a past, and a rise."""

import math
import random
from collections.abc import Iterator
from datetime import datetime, timedelta

from huifang.demo import words
from huifang.demo.behaviour import RELEASE, VERSIONS, hours_between
from huifang.demo.parameters import HOMES, Parameters
from huifang.kernel import clock
from huifang.textanalysis import services
from huifang.textanalysis.records import NewText

_DAYS, _LEAST, _MOST = 42, 8, 16
_A_MONTH_AFTER = timedelta(days=30)


def past(start: datetime) -> list[NewText]:
    """The reviews of the six weeks before *start*; the same from the same start."""
    rng = random.Random("reviews")  # noqa: S311
    found = []
    for day in range(1, _DAYS + 1):
        for number in range(rng.randint(_LEAST, _MOST)):
            at = start - timedelta(days=day) + timedelta(seconds=rng.randrange(86_400))
            found.append(_review(rng, key=f"demo-{day}-{number}", at=at))
    return found


class Stores:
    """The app stores while the demo runs. `bring` takes in what was written since."""

    def __init__(self, *, parameters: Parameters, start: datetime) -> None:
        self._parameters, self._until = parameters, start

    def bring(self) -> int:
        """Take in the reviews of every hour that ended since; how many. Those that are there stay once."""
        until = clock.now().replace(minute=0, second=0, microsecond=0)
        if until <= self._until:
            return 0
        found = list(written(self._until, until, parameters=self._parameters))
        services.take_texts(texts=found, now=clock.now())
        self._until = until
        return len(found)


def written(since: datetime, until: datetime, *, parameters: Parameters) -> Iterator[NewText]:
    """The reviews of every hour that begins from *since* to before *until*; the same for the same hours."""
    for hour in hours_between(since, until):
        rng = random.Random(f"reviews:{hour.isoformat()}")  # noqa: S311
        for number in range(_count(rng, (_LEAST + _MOST) / 2 / 24)):
            at = hour + timedelta(seconds=rng.randrange(3_600))
            yield _review(
                rng, key=f"demo-{hour:%y%m%d%H}-{number}", at=at, version=_version(parameters, at, rng)
            )
        for number in range(_count(rng, _angry_an_hour(parameters, hour))):
            at = hour + timedelta(seconds=rng.randrange(3_600))
            yield _locked_out(rng, key=f"demo-{hour:%y%m%d%H}-out-{number}", at=at)


def _count(rng: random.Random, expected: float) -> int:
    return int(expected) + (rng.random() < expected % 1)


def _angry_an_hour(parameters: Parameters, hour: datetime) -> float:
    """How many write in an hour because the release locked them out: most at first, fewer as days go by."""
    released_at = parameters.released_at
    if released_at is None or not released_at <= hour < released_at + _A_MONTH_AFTER:
        return 0.0
    days = (hour - released_at) / timedelta(days=1)
    return parameters.angry_reviews_an_hour * math.exp(-days / parameters.anger_days)


def _version(parameters: Parameters, at: datetime, rng: random.Random) -> str:
    released_at = parameters.released_at
    is_new = released_at is not None and at >= released_at and rng.random() < parameters.updates_share
    return RELEASE if is_new else rng.choice(VERSIONS)


def _home(rng: random.Random) -> tuple[str, str]:
    home = rng.choices(HOMES, [each.share for each in HOMES])[0]
    return home.language, home.region


def _review(rng: random.Random, *, key: str, at: datetime, version: str = "") -> NewText:
    language, region = _home(rng)
    satisfaction = max(-1.0, min(1.0, rng.gauss(0.3, 0.55)))
    return NewText(
        source="import",
        key=key,
        text=rng.choice(words.said(language, satisfaction)),
        at=at,
        rating=round((satisfaction + 1) * 2) / 4,
        channel="import",
        version=version or rng.choice(VERSIONS),
        region=region,
    )


def _locked_out(rng: random.Random, *, key: str, at: datetime) -> NewText:
    language, region = _home(rng)
    return NewText(
        source="import",
        key=key,
        text=rng.choice(words.said_of_release(language)),
        at=at,
        rating=rng.choice((0.0, 0.0, 0.25)),
        channel="import",
        version=RELEASE,
        region=region,
    )
