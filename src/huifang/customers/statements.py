"""Reads what identifies, consent events and import rows say. Pure; drops what makes no sense."""

import math
from collections.abc import Iterable, Mapping
from datetime import datetime

from huifang.customers import cleaning
from huifang.customers.records import CHANNELS, EVERY, KINDS, PURPOSES
from huifang.customers.rules import GIVEN, WITHDRAWN, ConsentAct, Statement

CONSENT_EVENTS = {"Consent Given": True, "Consent Withdrawn": False}
_TRAIT_NAME_LENGTH_MAX = 100
_LIST_LENGTH_MAX = 20
_INTEGER_MAX = 2**53
_WORDING_LENGTH_MAX = 2000
_CONSENTS_MAX = 50
_KEYS_OF = {
    "wallet_kind": "walletkind",
    "language": "language locale",
    "time_zone": "timezone",
    "region": "region",
    "country": "country countrycode",
    "registered_at": "registeredat createdat",
    "phone": "phone phonenumber mobile mobilenumber mobilephone cellphone tel telephone",
    "email": "email emailaddress mail",
    "device": "devicetoken pushtoken registrationid",
    "im": "imid openid",
    "name": "name fullname realname",
    "first_name": "firstname givenname",
    "last_name": "lastname familyname",
    "consents": "consents",
    "birthday": "birthday birthdate dateofbirth dob",
}
_MEANINGS = {key: meaning for meaning, keys in _KEYS_OF.items() for key in keys.split()}
# Personal, but of no use to a follow-up: never kept, in clear or sealed, whichever way it comes.
_NEVER_KEPT = frozenset(
    """
    address avatar bankaccount bankcard bankcardno bankcardnumber cardno cardnumber cvc cvv
    deviceid displayname homeaddress iban idcard idcardno idcardnumber idno idnumber imei ip
    ipaddress middlename nationalid nickname otp pan passport passportnumber password pin postaladdress
    postcode ssn street taxid unionid useragent username wechat wechatid zip zipcode
    """.split()  # noqa: SIM905 - forty lines otherwise
)


def plain(key: str) -> str:
    """A key as it is compared: walletKind, wallet_kind and "Wallet Kind" are one."""
    return key.casefold().replace("_", "").replace("-", "").replace(" ", "")


def meaning_of(key: str) -> str:
    """What this room takes the trait *key* for ("phone", "language" …); "" for one of the wallet's own."""
    return _MEANINGS.get(plain(key), "")


def read_statement(
    raw: Mapping[str, object], *, at: datetime, country: str, personal: Iterable[str] = ()
) -> Statement:
    """Parse traits stated at *at*. *country* is where a phone number without a code belongs.

    Traits named in *personal* were sealed on the way and are never kept in clear.
    """
    known: dict[str, object] = {}
    own: dict[str, object] = {}
    sealed = set(personal)
    for key, value in raw.items():
        meaning = meaning_of(key)
        if meaning and value is not None:
            known.setdefault(meaning, value)
        elif not meaning and key not in sealed and plain(key) not in _NEVER_KEPT:
            own[key] = value
    fields, bad_fields = _fields(known)
    contacts, bad_contacts = _contacts(known, fields.get("country") or country)
    return Statement(
        at=at,
        fields=fields,
        traits=_own_traits(own),
        contacts=contacts,
        name=_name(known),
        dropped=(*bad_fields, *bad_contacts),
    )


def _fields(known: Mapping[str, object]) -> tuple[dict[str, str], list[str]]:
    registered = cleaning.clean_instant(known.get("registered_at"))
    country = cleaning.clean_country(known.get("country")) or cleaning.clean_country(known.get("region"))
    found = {
        "wallet_kind": cleaning.clean_wallet_kind(known.get("wallet_kind")),
        "language": cleaning.clean_language(known.get("language")),
        "time_zone": cleaning.clean_zone(known.get("time_zone")),
        "region": cleaning.clean_text(known.get("region"), 64) or country,
        "country": country,
        "registered_at": registered.isoformat() if registered else "",
        "birthday": cleaning.clean_birthday(known.get("birthday")),
    }
    dropped = [name for name, value in found.items() if not value and known.get(name)]
    return {name: value for name, value in found.items() if value}, dropped


def _contacts(known: Mapping[str, object], country: str) -> tuple[dict[str, str], list[str]]:
    found = {kind: cleaning.clean_contact(kind, known[kind], country) for kind in KINDS if kind in known}
    dropped = [kind for kind, value in found.items() if not value and known[kind]]
    return {kind: value for kind, value in found.items() if value}, dropped


def _name(known: Mapping[str, object]) -> str:
    whole = cleaning.clean_text(known.get("name"), 100)
    if whole:
        return whole
    first = cleaning.clean_text(known.get("first_name"), 100)
    last = cleaning.clean_text(known.get("last_name"), 100)
    return f"{first} {last}".strip() if (first + last).isascii() else last + first


def _own_traits(own: Mapping[str, object]) -> dict[str, object]:
    kept: dict[str, object] = {}
    for key, value in own.items():
        name = cleaning.clean_text(key, _TRAIT_NAME_LENGTH_MAX + 1)
        if not name or len(name) > _TRAIT_NAME_LENGTH_MAX:
            continue
        read = _trait(value)
        if read is not None or value is None:
            kept[name] = read
    return kept


def _trait(value: object) -> object:
    """A trait's value as it is kept; None where it cannot be."""
    if isinstance(value, bool):
        return value
    if isinstance(value, int):
        return value if abs(value) < _INTEGER_MAX else str(value)[:40]
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, str):
        return cleaning.clean_text(value)
    if isinstance(value, list):
        items = [_trait(item) for item in value[:_LIST_LENGTH_MAX] if not isinstance(item, list)]
        return [item for item in items if item is not None]
    return None


def read_consents(
    raw: object, *, customer_id: int, source: str, at: datetime, now: datetime
) -> list[ConsentAct]:
    """Parse the trait ``consents``. An entry without its own time only states what the wallet holds."""
    acts: list[ConsentAct] = []
    for item in raw[:_CONSENTS_MAX] if isinstance(raw, list) else []:
        given = cleaning.clean_flag(item.get("given")) if isinstance(item, Mapping) else None
        if given is None:
            continue
        stated = cleaning.clean_instant(item.get("at"))
        for purpose, channel in _scope(item, given=given):
            acts.append(
                ConsentAct(
                    customer_id=customer_id,
                    purpose=purpose,
                    channel=channel,
                    act=GIVEN if given else WITHDRAWN,
                    wording=cleaning.clean_text(item.get("wording"), _WORDING_LENGTH_MAX),
                    source=source,
                    at=min(stated or at, now),
                    is_claim=stated is None,
                )
            )
    return acts


def read_consent_event(
    name: str, properties: Mapping[str, object], *, customer_id: int, at: datetime, evidence: str
) -> list[ConsentAct]:
    """The acts that an event ``Consent Given`` or ``Consent Withdrawn`` reports; none for other events."""
    given = CONSENT_EVENTS.get(name)
    if given is None:
        return []
    return [
        ConsentAct(
            customer_id=customer_id,
            purpose=purpose,
            channel=channel,
            act=GIVEN if given else WITHDRAWN,
            wording=cleaning.clean_text(properties.get("wording"), _WORDING_LENGTH_MAX),
            source="event",
            evidence=evidence,
            at=at,
        )
        for purpose, channel in _scope(properties, given=given)
    ]


def _scope(item: Mapping[str, object], *, given: bool) -> list[tuple[str, str]]:
    """Which purposes and channels are meant. A yes must be exact; a no that is not understood means all."""
    purpose = cleaning.clean_text(item.get("purpose"), 40).casefold()
    channel = cleaning.clean_text(item.get("channel"), 40).casefold() or EVERY
    if given:
        exact = purpose in PURPOSES and channel in {*CHANNELS, EVERY}
        return [(purpose, channel)] if exact else []
    purposes = (purpose,) if purpose in PURPOSES else PURPOSES
    return [(each, channel if channel in CHANNELS else EVERY) for each in purposes]
