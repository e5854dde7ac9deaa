"""Reads single values that wallets send, and returns "" or None for what is nonsense. Pure; never guesses."""

import math
import re
import unicodedata
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from functools import cache
from importlib import resources

import phonenumbers

from huifang.decisions.zones import find_zone
from huifang.kernel.texts import product_language

ID_LENGTH_MAX = 255
TEXT_LENGTH_MAX = 500
_PHONE_LENGTH_MAX = 40
_EMAIL = re.compile(
    r"[^\s@<>()\[\]\\,;:'\"]{1,64}@"
    r"(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.)+[^\W\d_][\w-]{0,61}[^\W_]"
)
_FLAGS = {"true": True, "yes": True, "1": True, "是": True}
_FLAGS |= {"false": False, "no": False, "0": False, "否": False}
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8})*")
_COUNTRY = re.compile(r"([A-Za-z]{2})(?:[-_].*)?")
_BIRTHDAY = re.compile(
    r"(?:[0-9]{4}(?:[-/.年]|(?=[0-9]{4})))?-{0,2}([0-9]{1,2})[-/.月]?([0-9]{2}|[0-9](?![0-9]))日?(?:[T ].*)?"
)
_WALLET_KINDS = {
    "soft": "soft",
    "software": "soft",
    "软": "soft",
    "软钱包": "soft",
    "hard": "hard",
    "hardware": "hard",
    "硬": "hard",
    "硬钱包": "hard",
}
_AMOUNT_KEYS = ("amount", "total", "revenue", "value")
_AMOUNT_MAX = Decimal(10) ** 15
_MILLISECONDS_FROM = 10**11
_YEARS = range(1900, 2200)
# China has one legal time in all its territory; the tz database also lists Asia/Urumqi.
_ZONE_OF_COUNTRY = {"CN": "Asia/Shanghai"}


def is_usable_id(text: object) -> bool:
    """Whether *text* can be a wallet's id: 1 to 255 characters, none of them control or surrogate."""
    return (
        isinstance(text, str)
        and 0 < len(text) <= ID_LENGTH_MAX
        and not text.isspace()
        and not any(unicodedata.category(letter) in {"Cc", "Cs"} for letter in text)
    )


def clean_text(value: object, length_max: int = TEXT_LENGTH_MAX) -> str:
    """*value* as text that PostgreSQL can hold, clipped and trimmed; "" where it is no text or number."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    letters = (letter for letter in str(value)[: length_max * 2] if unicodedata.category(letter) != "Cs")
    kept = "".join(letter if unicodedata.category(letter) != "Cc" else " " for letter in letters)
    return kept.strip()[:length_max]


def clean_phone(value: object, country: str) -> str:
    """*value* in E.164, read as a number of *country* where it names none; "" where it is no number."""
    text = clean_text(value, _PHONE_LENGTH_MAX + 1)
    if not text or len(text) > _PHONE_LENGTH_MAX:
        return ""
    try:
        number = phonenumbers.parse(text, country or None)
    except phonenumbers.NumberParseException:
        return ""
    if not phonenumbers.is_valid_number(number):
        return ""
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def clean_email(value: object) -> str:
    """*value* with its domain in lower case; "" where it is no address."""
    text = value.strip() if isinstance(value, str) else ""
    if len(text) > 254 or not text.isprintable() or not _EMAIL.fullmatch(text):
        return ""
    local, _, domain = text.rpartition("@")
    return f"{local}@{domain.lower()}"


def clean_contact(kind: str, value: object, country: str) -> str:
    """The value of a contact point of *kind*; "" where it cannot be used."""
    if kind == "phone":
        return clean_phone(value, country)
    if kind == "email":
        return clean_email(value)
    return value if isinstance(value, str) and is_usable_id(value) else ""


def index_form(kind: str, value: str) -> str:
    """What two equal contact points of *kind* have in common: e-mail ignores case."""
    return value.casefold() if kind == "email" else value


def clean_wallet_kind(value: object) -> str:
    """soft, hard or ""."""
    return _WALLET_KINDS.get(clean_text(value, 20).casefold(), "")


def clean_language(value: object) -> str:
    """The product language that serves *value*, else its BCP 47 tag, else ""."""
    text = clean_text(value, 35).partition(".")[0]
    if not _LANGUAGE.fullmatch(text):
        return ""
    return product_language(text) or text.replace("_", "-")


def clean_zone(value: object) -> str:
    """The IANA zone called *value*; "" where there is none."""
    text = clean_text(value, 64)
    return text if find_zone(text) else ""


def clean_country(value: object) -> str:
    """The ISO 3166 code that *value* ("CN", "cn-31") starts with; "" where it is none."""
    match = _COUNTRY.fullmatch(clean_text(value, 64))
    code = match[1].upper() if match else ""
    return code if code in phonenumbers.SUPPORTED_REGIONS else ""


@cache
def _single_zones() -> Mapping[str, str]:
    """Countries that have one zone in the tz database, from its own table."""
    table = resources.files("tzdata").joinpath("zoneinfo", "zone.tab").read_text(encoding="utf-8")
    rows = [line.split("\t") for line in table.splitlines() if line and not line.startswith("#")]
    zones: dict[str, list[str]] = {}
    for code, _, zone, *_ in rows:
        zones.setdefault(code, []).append(zone)
    return {code: found[0] for code, found in zones.items() if len(found) == 1} | _ZONE_OF_COUNTRY


def zone_of_country(country: str) -> str:
    """The zone of a *country* that has only one; "" for all others."""
    return clean_zone(_single_zones().get(country, ""))


def clean_instant(value: object) -> datetime | None:
    """An aware instant from ISO 8601 or a Unix time in seconds or milliseconds; None where it is neither.

    Years that stand for "never" (0001, 9999) are none: no zone could show them.
    """
    moment = _instant(value)
    return moment if moment is not None and moment.year in _YEARS else None


def _instant(value: object) -> datetime | None:
    if isinstance(value, datetime):
        return value if value.tzinfo else None
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        if isinstance(value, str):
            moment = datetime.fromisoformat(value.strip())
            return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
        seconds = value / 1000 if abs(value) >= _MILLISECONDS_FROM else value
        return datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def clean_birthday(value: object) -> str:
    """Month and day of a birthday, as "0229"; "" where it is none. The year is nobody's business."""
    match = _BIRTHDAY.fullmatch(clean_text(value, 40))
    if not match:
        return ""
    try:
        date(2000, int(match[1]), int(match[2]))
    except ValueError:
        return ""
    return f"{int(match[1]):02}{int(match[2]):02}"


def clean_flag(value: object) -> bool | None:
    """Yes or no; None where *value* is neither."""
    if isinstance(value, bool):
        return value
    return _FLAGS.get(clean_text(value, 10).casefold())


def amount_of(properties: Mapping[str, object]) -> Decimal:
    """The amount that an event carries; 0 where it has none that makes sense."""
    for key in _AMOUNT_KEYS:
        value = properties.get(key)
        if isinstance(value, bool) or not isinstance(value, int | float | str):
            continue
        if isinstance(value, float) and not math.isfinite(value):
            continue
        try:
            amount = Decimal(str(value)[:40])
        except InvalidOperation:
            continue
        if amount.is_finite() and abs(amount) < _AMOUNT_MAX:
            return amount.quantize(Decimal("0.0001"))
    return Decimal(0)
