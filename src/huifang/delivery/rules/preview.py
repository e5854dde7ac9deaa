"""What a contact policy means for one customer: a week in which plans want to speak at every hour. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from huifang.decisions.budget import Contact, check_caps, check_gap
from huifang.decisions.calendars import Calendar
from huifang.decisions.policy import ContactClass, DayKind, Policy, Span
from huifang.decisions.windows import is_open

DAYS = 7
_STEP = timedelta(minutes=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """One day: what it is, when each channel is open, and whom the customer would hear from at most."""

    on: date
    kind: DayKind
    open: Mapping[str, Sequence[Span]]
    contacts: Sequence[Contact]


def week(
    policy: Policy, calendar: Calendar, channels: Sequence[str], zone: ZoneInfo, *, start: date
) -> list[Day]:
    """The seven days from *start* on, with as many contacts as the policy could ever let through.

    Every follow-up is a round of its own; channels are asked in the order given.
    """
    contacts = _at_most(policy, calendar, channels, zone, start)
    days = [start + timedelta(days=number) for number in range(DAYS)]
    return [_day(on, policy, calendar, channels, (zone, contacts)) for on in days]


def _day(
    on: date,
    policy: Policy,
    calendar: Calendar,
    channels: Sequence[str],
    lived: tuple[ZoneInfo, Sequence[Contact]],
) -> Day:
    zone, contacts = lived
    kind = calendar.day_kind(on)
    return Day(
        on=on,
        kind=kind,
        open={
            channel: getattr(policy.hours[channel], kind.value) if channel in policy.hours else ()
            for channel in channels
        },
        contacts=[contact for contact in contacts if contact.at.astimezone(zone).date() == on],
    )


def _spans(policy: Policy, channel: str, kind: DayKind) -> Sequence[Span]:
    hours = policy.hours.get(channel)
    spans: Sequence[Span] = getattr(hours, kind.value) if hours else ()
    return spans


def _at_most(
    policy: Policy, calendar: Calendar, channels: Sequence[str], zone: ZoneInfo, start: date
) -> list[Contact]:
    contacts: list[Contact] = []
    at = datetime.combine(start, datetime.min.time(), zone)
    end = at + timedelta(days=DAYS)
    while at < end:
        for channel in channels:
            hours = policy.hours.get(channel)
            key = f"{len(contacts)}"
            if hours is None or not is_open(at, zone, hours, calendar):
                continue
            if not check_caps(contacts, policy.caps, channel=channel, round_key=key, now=at).ok:
                continue
            if check_gap(contacts, policy.minimum_gap, round_key=key, now=at) is not None:
                continue
            contacts.append(
                Contact(at=at, channel=channel, contact_class=ContactClass.FOLLOW_UP, round_key=key)
            )
        at += _STEP
    return contacts
