"""What the demo's customers do and when, as Segment messages. Pure chance from stable seeds. No Django.

Every message has an id that follows from the person and the hour, so that a demo that is started again
sends the same messages and the gateway keeps each once.
"""

import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from huifang.demo.parameters import HOUR_PARTS, Act, Parameters
from huifang.demo.people import Persona

Message = dict[str, object]
_HOUR = timedelta(hours=1)
_MERCHANTS = ("grocery", "metro", "coffee", "pharmacy", "online", "utilities", "restaurant")
_FEATURES = ("family_card", "bill_export", "tap_to_pay", "split_bill", "savings_pot", "travel_code")
VERSIONS = ("8.1.0", "8.1.2", "8.2.0")
RELEASE = "8.3.0"
_WORDING = {"en": "May we ask you about our service?", "zh-Hans": "可以就我们的服务回访您吗？"}
_CURRENCY = {"CN": "CNY", "SG": "SGD", "GB": "GBP", "US": "USD"}


def hours_between(start: datetime, end: datetime) -> Iterator[datetime]:
    """Every full hour from *start* (included) to *end* (excluded)."""
    hour = start.replace(minute=0, second=0, microsecond=0)
    if hour < start:
        hour += _HOUR
    while hour < end:
        yield hour
        hour += _HOUR


def messages_of(person: Persona, hour: datetime, *, parameters: Parameters) -> list[Message]:
    """What *person* does within *hour* (an aware instant on the full hour), in order of time."""
    made: list[Message] = []
    if hour <= person.joined_at < hour + _HOUR:
        made += _joining(person)
    if person.joined_at < hour:
        made += _acting(person, hour, parameters=parameters)
    return sorted(made, key=lambda message: str(message["timestamp"]))


def _joining(person: Persona) -> list[Message]:
    """Identify and Registered; a hard wallet is set up, a card bound, a first payment made soon after."""
    at = person.joined_at
    rng = person.rng("joining")
    origin: dict[str, object] = {"origin": rng.choice(("app", "branch", "partner"))}
    steps = [("Registered", timedelta(seconds=1), origin)]
    if person.wallet_kind == "hard":
        model = rng.choice(("C2", "C3", "watch"))
        steps.append(
            (
                "Wallet Device Set Up",
                timedelta(minutes=9),
                {"device_model": model, "succeeded": rng.random() < 0.9},
            )
        )
    if rng.random() < 0.8:
        steps.append(("Card Bound", timedelta(minutes=4), {"card_kind": "debit"}))
    messages: list[Message] = [identify(person)]
    for name, after, properties in steps:
        messages.append(track(person, name, at + after, f"join-{name}", properties))
    return messages


def identify(person: Persona) -> Message:
    """The identify message of a new customer."""
    traits: dict[str, object] = {
        "name": person.name,
        "email": person.email,
        "phone": person.phone,
        "walletKind": person.wallet_kind,
        "language": person.home.language,
        "region": person.home.region,
        "createdAt": person.joined_at.isoformat(),
    }
    if person.knows_zone:
        traits["timezone"] = person.home.time_zone
    else:
        traits.pop("region")
    if person.has_consented:
        traits["consents"] = [
            {
                "purpose": "service_follow_up",
                "given": True,
                "wording": _WORDING[person.home.language],
                "at": person.joined_at.isoformat(),
            }
        ]
    return {
        "type": "identify",
        "messageId": f"{person.external_id}-identify",
        "userId": person.external_id,
        "timestamp": person.joined_at.isoformat(),
        "traits": traits,
    }


def _acting(person: Persona, hour: datetime, *, parameters: Parameters) -> list[Message]:
    rng = person.rng(hour.isoformat())
    local = hour.astimezone(ZoneInfo(person.home.time_zone)).hour
    expected = person.acts_per_day * HOUR_PARTS[local] / sum(HOUR_PARTS)
    messages = []
    for count in range(_poisson(expected, rng)):
        act = rng.choices(parameters.acts, [act.share for act in parameters.acts])[0]
        at = hour + timedelta(seconds=rng.uniform(0, 3599))
        properties = _properties(act, person, rng)
        if (
            parameters.released_at
            and at >= parameters.released_at
            and rng.random() < parameters.updates_share
        ):
            properties["app_version"] = RELEASE
        message = track(person, act.name, at, f"{hour:%y%m%d%H}-{count}", properties)
        messages.append(_spoil(message, rng) if rng.random() < parameters.faulty_share else message)
    return messages


def _spoil(message: Message, rng: random.Random) -> Message:
    """*message* as a bug of the wallet's own makes it."""
    faults: tuple[Message, ...] = (
        {"event": ""},
        {"properties": "amount=46.5"},
        {"userId": None},
        {"type": "trak"},
    )
    return message | rng.choice(faults)


def _poisson(expected: float, rng: random.Random) -> int:
    """A Poisson count by counting exponential gaps; *expected* is small here."""
    count, reached = 0, rng.expovariate(1.0)
    while reached < expected:
        count += 1
        reached += rng.expovariate(1.0)
    return count


def _properties(act: Act, person: Persona, rng: random.Random) -> dict[str, object]:
    properties: dict[str, object] = {"app_version": rng.choice(VERSIONS)}
    if act.median:
        properties["amount"] = round(act.median * rng.lognormvariate(0.0, act.spread), 2)
        properties["currency"] = _CURRENCY[person.home.country]
    if act.name.startswith("Payment"):
        properties["category"] = rng.choice(_MERCHANTS)
        properties["contactless"] = person.wallet_kind == "hard"
    if act.name == "Payment Failed":
        properties["failure"] = rng.choice(("network", "limit", "insufficient_balance", "bank_declined"))
    if act.name == "Feature Used":
        properties["feature"] = rng.choice(_FEATURES)
    if act.name == "Service Call Ended":
        properties["duration_seconds"] = int(rng.lognormvariate(5.3, 0.6))
        properties["topic"] = rng.choice(("transfer", "fees", "login", "card"))
    if act.name.startswith("Consent"):
        properties |= {"purpose": "service_follow_up", "wording": _WORDING[person.home.language]}
    if act.name == "Risk Alert Raised":
        properties["rule"] = rng.choice(("new_device", "unusual_amount"))
    return properties


def track(person: Persona, name: str, at: datetime, key: str, properties: dict[str, object]) -> Message:
    """One track message; *key* makes its id unique among this person's."""
    return {
        "type": "track",
        "messageId": f"{person.external_id}-{key}",
        "userId": person.external_id,
        "event": name,
        "timestamp": at.isoformat(),
        "properties": properties,
    }
