"""Reads single values that wallets send, and returns "" or None for what is nonsense. Pure; never guesses."""

import math
import re
import unicodedata
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from functools import cache
from importlib import resources
from zoneinfo import available_timezones

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
_EMAIL_LENGTH_MAX = 254
_PHONE = re.compile(r"\+?[0-9(][0-9() .\-]*")
_WHOLE_FLOAT = re.compile(r"^([0-9]{7,15})\.0$")
_OFFSET = re.compile(r"(?:GMT|UTC)?([+-])([0-9]{1,2})(?::?([0-9]{2}))?")
# Offsets off the hour that are legal time all year, wherever they are; the tz database names none by itself.
# Others (+09:30, +10:30, +12:45, -03:30) are summer or winter time of somewhere, so they name no zone.
_ZONES_OFF_THE_HOUR = {
    "+0430": "Asia/Kabul",
    "+0530": "Asia/Kolkata",
    "+0545": "Asia/Kathmandu",
    "+0630": "Asia/Yangon",
    "+0845": "Australia/Eucla",
    "+0330": "Asia/Tehran",
    "-0930": "Pacific/Marquesas",
}
# As Unicode's CLDR has them, of the places that wallets of this product's languages serve.
_WINDOWS_ZONES = {
    "China Standard Time": "Asia/Shanghai",
    "Taipei Standard Time": "Asia/Taipei",
    "Singapore Standard Time": "Asia/Singapore",
    "Tokyo Standard Time": "Asia/Tokyo",
    "Korea Standard Time": "Asia/Seoul",
    "SE Asia Standard Time": "Asia/Bangkok",
    "India Standard Time": "Asia/Kolkata",
    "Arabian Standard Time": "Asia/Dubai",
    "Russian Standard Time": "Europe/Moscow",
    "W. Europe Standard Time": "Europe/Berlin",
    "Romance Standard Time": "Europe/Paris",
    "GMT Standard Time": "Europe/London",
    "Eastern Standard Time": "America/New_York",
    "Central Standard Time": "America/Chicago",
    "Mountain Standard Time": "America/Denver",
    "Pacific Standard Time": "America/Los_Angeles",
    "AUS Eastern Standard Time": "Australia/Sydney",
}
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
    """*value* in E.164, read as a number of *country* where it names none; "" where it is no number.

    A number with an extension is none: what is sent to it would reach a switchboard, not a person.
    """
    text = unicodedata.normalize("NFKC", clean_text(value, _PHONE_LENGTH_MAX + 1))
    if not text or len(text) > _PHONE_LENGTH_MAX:
        return ""
    text = _WHOLE_FLOAT.sub(r"\1", text.removeprefix("tel:").strip())
    if not _PHONE.fullmatch(text):
        return ""
    # A trunk zero in brackets belongs to neither form; 00 is how "+" is dialled where numbers are read.
    digits = re.sub(r"\(0\)", "", text)
    digits = f"+{digits[2:]}" if digits.startswith("00") else digits
    try:
        number = phonenumbers.parse(digits, country or None)
    except phonenumbers.NumberParseException:
        return ""
    if number.extension or not phonenumbers.is_valid_number(number):
        return ""
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def clean_email(value: object) -> str:
    """*value* with its domain in lower case and in ASCII; "" where it is no address."""
    text = unicodedata.normalize("NFKC", value).strip() if isinstance(value, str) and len(value) < 500 else ""
    text = text.removeprefix("mailto:").removesuffix(".")
    local, _, domain = text.rpartition("@")
    if not text.isprintable() or ".." in local or local.startswith(".") or local.endswith("."):
        return ""
    try:
        ascii_domain = domain.encode("idna").decode().lower()
    except UnicodeError:
        return ""
    found = f"{local}@{ascii_domain}"
    return found if len(found) <= _EMAIL_LENGTH_MAX and _EMAIL.fullmatch(found) else ""


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
    """The IANA zone called *value*; "" where there is none, or several could be meant.

    Windows names and offsets are read too. An offset has no summer time; of those that are not whole hours
    only such are read that are one clock all year.
    """
    text = clean_text(value, 64) if isinstance(value, str) else ""
    if find_zone(text):
        return text
    found = _zones_by_name().get(text.casefold(), "") or _zone_of_offset(text)
    return found if find_zone(found) else ""


@cache
def _zones_by_name() -> Mapping[str, str]:
    """Zones by their names without capitals, and by those that Windows gives them, where they are clear."""
    with_region = {name.casefold(): name for name in available_timezones() if "/" in name}
    return with_region | {name.casefold(): zone for name, zone in _WINDOWS_ZONES.items()}


def _zone_of_offset(text: str) -> str:
    match = _OFFSET.fullmatch(text)
    if not match:
        return "UTC" if text == "Z" else ""
    hours, minutes = int(match[2]), match[3] or "00"
    if minutes != "00":
        return _ZONES_OFF_THE_HOUR.get(f"{match[1]}{hours:02}{minutes}", "")
    # The names of the tz database count westwards: Etc/GMT-8 is eight hours ahead.
    turned = "-" if match[1] == "+" else "+"
    return f"Etc/GMT{turned}{hours}" if hours else "UTC"


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
