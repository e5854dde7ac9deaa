"""Makes the customers of the demo wallet, the same ones from the same seed. No Django."""

import random
from dataclasses import dataclass
from datetime import datetime, timedelta

from huifang.demo.parameters import Home, Parameters

_FAMILY = tuple("王李张刘陈杨赵黄周吴徐孙胡朱高林何郭")
_GIVEN = (
    "伟",
    "芳",
    "娜",
    "敏",
    "静",
    "丽",
    "强",
    "磊",
    "洋",
    "艳",
    "勇",
    "杰",
    "涛",
    "明",
    "雨桐",
    "子涵",
    "思远",
)
_FIRST = (
    "Amelia",
    "Oliver",
    "Priya",
    "Wei Ling",
    "Daniel",
    "Grace",
    "Marcus",
    "Nadia",
    "Tom",
    "Elena",
    "Hugo",
)
_LAST = ("Tan", "Lim", "Baker", "Shah", "Novak", "Garcia", "Okafor", "Reid", "Chen", "Murphy", "Silva")
# Numbers of the right form, or they would be taken for mistyped ones. Nothing in a demo leaves the machine.
_NUMBERS = {"CN": "+861999{:07d}", "SG": "+65812{:05d}", "GB": "+447400123{:03d}", "US": "+1415555{:04d}"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Persona:
    """One simulated customer. *mood* runs from -1 (nothing pleases them) to 1."""

    number: int
    external_id: str
    name: str
    email: str
    phone: str
    home: Home
    wallet_kind: str
    joined_at: datetime
    acts_per_day: float
    mood: float
    answers_share: float
    has_consented: bool
    knows_zone: bool
    has_mailbox: bool

    def rng(self, *about: object) -> random.Random:
        """Chance that depends on this person and on *about* alone."""
        return random.Random(f"{self.external_id}/{'/'.join(map(str, about))}")  # noqa: S311


def make_person(number: int, *, parameters: Parameters, start: datetime) -> Persona:
    """Person *number* (from 0) of the wallet whose demo starts at *start*."""
    rng = random.Random(f"persona/{number}")  # noqa: S311
    home = rng.choices(parameters.homes, [home.share for home in parameters.homes])[0]
    if home.language == "zh-Hans":
        name = rng.choice(_FAMILY) + rng.choice(_GIVEN)
    else:
        name = f"{rng.choice(_FIRST)} {rng.choice(_LAST)}"
    template = _NUMBERS[home.country]
    days_each = parameters.joining_days / parameters.people
    digits = int(template.split(":0")[1].split("d")[0])
    return Persona(
        number=number,
        external_id=f"W-{4200 + number * 7 % 9000:04d}-{number:05d}",
        name=name,
        email=f"customer{number}@example.com",
        phone=template.format(number % 10**digits),
        home=home,
        wallet_kind="hard" if rng.random() < parameters.hard_wallet_share else "soft",
        joined_at=start + timedelta(days=days_each * (number + rng.random())),
        acts_per_day=parameters.acts_per_day * min(8.0, rng.lognormvariate(0.0, 0.7)),
        mood=max(-1.0, min(1.0, rng.gauss(0.62, 0.42))),
        answers_share=max(0.05, min(0.95, rng.gauss(parameters.answers_share, 0.2))),
        has_consented=rng.random() < parameters.consent_share,
        knows_zone=rng.random() >= parameters.no_zone_share,
        has_mailbox=rng.random() >= parameters.mistyped_email_share,
    )
