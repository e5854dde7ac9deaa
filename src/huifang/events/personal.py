"""Knows which traits and properties are personal, and parts them from the rest. Pure.

It goes by key, never by value: a list of keys can be read and argued about, a guess cannot. Keys are
compared without case, ``$``, ``_``, ``-`` and spaces, so that ``first_name`` is ``firstName``.
"""

import re
from collections.abc import Iterable
from enum import IntEnum
from functools import lru_cache
from itertools import zip_longest
from typing import Any

# Kept, but sealed: whoever may see them must ask, and is noted.
SEALED = frozenset(
    """
    address avatar bankaccount bankcard bankcardno bankcardnumber birthdate birthday cardholder
    cardholdername cardno cardnumber cellphone contactname contactphone dateofbirth deviceid devicetoken
    displayname dob email emailaddress familyname firstname fullname givenname homeaddress iban idcard
    idcardno idcardnumber idfa idfv idno idnumber imei imid lastname latitude longitude mail middlename
    mobile mobilenumber mobilephone nationalid nickname openid pan passport passportnumber payeename
    payeephone payername payerphone phone phonenumber postaladdress postcode pushtoken realname
    recipientname recipientphone registrationid residentid ssn street surname taxid tel telephone unionid
    username wechat wechatid zip zipcode
    """.split()  # noqa: SIM905 - forty lines otherwise
)
# Sealed among traits only: elsewhere it names a page or a product.
SEALED_TRAITS = SEALED | {"name"}
# Never kept: of no use to follow-up, and a danger to hold.
DROPPED = frozenset("cvc cvv cvv2 ip ipaddress otp password passwd paypassword pin secret useragent".split())  # noqa: SIM905


DEPTH_MAX = 32


class TooDeepError(Exception):
    """Objects and lists are nested more than `DEPTH_MAX` deep."""


class Kind(IntEnum):
    """What a key says about its value."""

    PLAIN = 0
    SEALED = 1
    SEALED_TRAIT = 2
    DROPPED = 3


@lru_cache(maxsize=8192)
def kind_of(key: str) -> Kind:
    """What *key* says about its value."""
    folded = key.replace("$", "").replace("_", "").replace("-", "").replace(" ", "").lower()
    if folded in DROPPED:
        return Kind.DROPPED
    if folded in SEALED:
        return Kind.SEALED
    return Kind.SEALED_TRAIT if folded in SEALED_TRAITS else Kind.PLAIN


def split(
    values: dict[str, Any], *, of_traits: bool, depth: int = 0
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Part *values* into what may lie open and what must be sealed, nesting kept. Raises `TooDeepError`.

    A list in which anything is personal is sealed whole.
    """
    if all(kind_of(key) is Kind.PLAIN and type(value) in _SCALARS for key, value in values.items()):
        return values, {}
    if depth >= DEPTH_MAX:
        raise TooDeepError
    clear: dict[str, Any] = {}
    sealed: dict[str, Any] = {}
    for key, value in values.items():
        kind = kind_of(key)
        if kind is Kind.DROPPED:
            continue
        if kind is Kind.SEALED or (kind is Kind.SEALED_TRAIT and of_traits):
            if value not in (None, ""):
                sealed[key] = value
        elif isinstance(value, dict):
            inner, inner_sealed = split(value, of_traits=of_traits, depth=depth + 1)
            clear[key] = inner
            if inner_sealed:
                sealed[key] = inner_sealed
        elif isinstance(value, list):
            (sealed if _is_personal(value, of_traits, depth + 1) else clear)[key] = value
        else:
            clear[key] = value
    return clear, sealed


_SCALARS = frozenset({str, int, float, bool, type(None)})


def _is_personal(value: object, of_traits: bool, depth: int) -> bool:
    """Whether any key within *value*, at any depth, is personal. Raises `TooDeepError`."""
    if not isinstance(value, dict | list):
        return False
    if depth >= DEPTH_MAX:
        raise TooDeepError
    inner: Iterable[object] = value
    if isinstance(value, dict):
        kinds = {kind_of(key) for key in value}
        if kinds & {Kind.SEALED, Kind.DROPPED} or (of_traits and Kind.SEALED_TRAIT in kinds):
            return True
        inner = value.values()
    return any(_is_personal(each, of_traits, depth + 1) for each in inner)


MASK = "•••"


def mask(value: object) -> object:
    """A copy of *value* for a screen, in which everything personal is hidden."""
    if isinstance(value, dict):
        return {key: MASK if kind_of(key) and inner else mask(inner) for key, inner in value.items()}
    return [mask(inner) for inner in value] if isinstance(value, list) else value


def unmask(edited: object, original: object) -> object:
    """*edited* with every `MASK` that was left in it put back to what stands there in *original*."""
    if edited == MASK:
        return original
    if isinstance(edited, dict) and isinstance(original, dict):
        return {key: unmask(inner, original.get(key)) for key, inner in edited.items()}
    if isinstance(edited, list) and isinstance(original, list):
        return [unmask(*pair) for pair in zip_longest(edited, original[: len(edited)])]
    return edited


_E_MAIL_OR_DIGITS = re.compile(r"[^\s\"'<>@:,]+@[^\s\"'<>@,]+|\+?[0-9][0-9 -]{5,}[0-9Xx]")


def mask_text(text: str) -> str:
    """*text*, which is no JSON, with whatever looks like an e-mail address or a number hidden."""
    return _E_MAIL_OR_DIGITS.sub(MASK, text)
