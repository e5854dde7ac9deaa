"""Puts messages on demo phones, once each, and says what the simulated customer will do with them."""

from collections.abc import Callable

from huifang.demo.customer import Intent
from huifang.demo.models import Phone, Received
from huifang.demo.people import Persona
from huifang.demo.providers import Arrival
from huifang.kernel import clock

_COLUMNS = {"sms": "phone", "email": "email", "in_app": "external_id"}
Intend = Callable[[Phone, Arrival], Intent | None]


def register(people: list[Persona]) -> None:
    """Give each of *people* a phone, unless they have one."""
    Phone.objects.bulk_create((_phone_of(person) for person in people), ignore_conflicts=True)


def deliver(arrival: Arrival, intend: Intend) -> bool:
    """Put *arrival* on the phone it is for; False where nobody has that address."""
    phone = Phone.objects.filter(**{_COLUMNS[arrival.channel]: arrival.address}).first()
    if phone is None:
        return False
    now = clock.now()
    intent = intend(phone, arrival) if arrival.link and not phone.is_held else None
    received = Received(
        phone=phone,
        key=arrival.key,
        channel=arrival.channel,
        subject=arrival.subject,
        body=arrival.body,
        link=arrival.link,
        leave_link=arrival.leave_link,
        received_at=now,
        act=intent.act if intent else "",
        act_at=now + intent.after if intent else None,
    )
    Received.objects.bulk_create([received], ignore_conflicts=True)
    return True


def _phone_of(person: Persona) -> Phone:
    return Phone(
        external_id=person.external_id,
        number=person.number,
        name=person.name,
        phone=person.phone,
        email=person.email if person.has_mailbox else "",
        language=person.home.language,
        time_zone=person.home.time_zone if person.knows_zone else "",
        wallet_kind=person.wallet_kind,
    )
