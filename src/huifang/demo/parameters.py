"""The numbers behind the demo wallet: how many people, when they are active, what they do. No Django.

The day's shape follows published mobile-money traffic: almost nothing before dawn, a slow climb from
mid-morning, a peak around 19:00, half of it by 22:00. Everything else is made up, and stated here.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

# Share of a day's activity in each local hour, as parts of 240; index 0 is midnight.
HOUR_PARTS = (7, 3, 1, 0, 0, 0, 1, 2, 4, 5, 5, 6, 9, 9, 10, 11, 14, 17, 25, 31, 30, 22, 17, 11)


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """One thing that customers do: share of activity, and for money the median and spread of the amount.

    *spread* is sigma of the logarithm; *median* is in the wallet's currency, 0 where no money moves.
    """

    name: str
    share: float
    median: float = 0.0
    spread: float = 0.9


ACTS = (
    Act(name="App Opened", share=0.42),
    Act(name="Payment Completed", share=0.29, median=46.0, spread=1.1),
    Act(name="Transfer Completed", share=0.07, median=400.0, spread=1.3),
    Act(name="Top Up Completed", share=0.06, median=300.0),
    Act(name="Withdrawal Completed", share=0.04, median=500.0),
    Act(name="Feature Used", share=0.08),
    Act(name="Payment Failed", share=0.025, median=80.0, spread=1.1),
    Act(name="Referral Made", share=0.007),
    Act(name="Service Call Ended", share=0.006),
    Act(name="Risk Alert Raised", share=0.002),
    Act(name="Consent Given", share=0.002),
    Act(name="Consent Withdrawn", share=0.001),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """Where a share of the customers lives: zone, language, country, dialling form of made-up numbers."""

    region: str
    time_zone: str
    language: str
    country: str
    share: float


HOMES = (
    Home(region="CN-31", time_zone="Asia/Shanghai", language="zh-Hans", country="CN", share=0.34),
    Home(region="CN-51", time_zone="Asia/Shanghai", language="zh-Hans", country="CN", share=0.26),
    Home(region="CN-65", time_zone="Asia/Urumqi", language="zh-Hans", country="CN", share=0.06),
    Home(region="SG", time_zone="Asia/Singapore", language="en", country="SG", share=0.14),
    Home(region="GB", time_zone="Europe/London", language="en", country="GB", share=0.11),
    Home(region="US-CA", time_zone="America/Los_Angeles", language="en", country="US", share=0.09),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameters:
    """How one demo wallet behaves. Shares are fractions of one."""

    people: int = 1200
    """Customers who join over the whole demo."""
    joining_days: float = 40.0
    """Days over which they join, at an even pace."""
    acts_per_day: float = 1.6
    """Things that the median customer does a day; others follow a log-normal around it."""
    hard_wallet_share: float = 0.22
    consent_share: float = 0.82
    """Customers who agree to service follow-up when they register."""
    no_zone_share: float = 0.03
    """Customers whose zone the wallet does not know: they are never contacted."""
    answers_share: float = 0.46
    """Invitations that are answered by the median customer."""
    quits_midway_share: float = 0.08
    says_never_share: float = 0.02
    """Invitations whose "never ask me again" is taken."""
    replies_stop_share: float = 0.03
    """SMS that are answered with STOP."""
    unsubscribes_share: float = 0.04
    """E-mails that are left by one click."""
    mistyped_email_share: float = 0.03
    """Customers whose e-mail address leads nowhere: mail to them comes back."""
    faulty_share: float = 0.002
    """Messages that a bug of the wallet spoils, so that Huifang rejects them."""
    release_days: float = 14.25
    """Days after which the wallet brings out a version whose login goes wrong for some."""
    updates_share: float = 0.8
    """Acts in the new version, once it is out."""
    locked_out_share: float = 0.3
    """Customers whom the new version locks out."""
    angry_reviews_an_hour: float = 1.6
    """What those write in app stores in the first hours after the release."""
    anger_days: float = 2.5
    """Days in which these reviews fall to a third."""
    released_at: datetime | None = None
    """When that version came out; a running wallet sets it from when its demo began."""
    acts: tuple[Act, ...] = field(default=ACTS)
    homes: tuple[Home, ...] = field(default=HOMES)


def adjusted(parameters: Parameters, *, people: int | None, acts_per_day: float | None) -> Parameters:
    """*parameters* with what is given instead; None keeps what stands."""
    return replace(
        parameters,
        people=people or parameters.people,
        acts_per_day=acts_per_day or parameters.acts_per_day,
    )


def released(parameters: Parameters, *, start: datetime) -> Parameters:
    """*parameters* of a demo that began at *start*: its release has an instant."""
    return replace(parameters, released_at=start + timedelta(days=parameters.release_days))
