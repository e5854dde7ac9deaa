"""What customers wrote in app stores before the demo began, so that Feedback has a past to compare with."""

import random
from datetime import datetime, timedelta

from huifang.demo import words
from huifang.demo.parameters import HOMES
from huifang.textanalysis.records import NewText

_DAYS, _LEAST, _MOST = 42, 8, 16
_VERSIONS = ("8.1.0", "8.1.2", "8.2.0")


def past(start: datetime) -> list[NewText]:
    """The reviews of the six weeks before *start*; the same from the same start."""
    rng = random.Random("reviews")  # noqa: S311
    found = []
    for day in range(1, _DAYS + 1):
        for number in range(rng.randint(_LEAST, _MOST)):
            at = start - timedelta(days=day) + timedelta(seconds=rng.randrange(86_400))
            found.append(_review(rng, key=f"demo-{day}-{number}", at=at))
    return found


def _review(rng: random.Random, *, key: str, at: datetime) -> NewText:
    home = rng.choices(HOMES, [each.share for each in HOMES])[0]
    satisfaction = max(-1.0, min(1.0, rng.gauss(0.3, 0.55)))
    return NewText(
        source="import",
        key=key,
        text=rng.choice(words.said(home.language, satisfaction)),
        at=at,
        rating=round((satisfaction + 1) * 2) / 4,
        channel="import",
        version=rng.choice(_VERSIONS),
        region=home.region,
    )
