"""Knows which traits and properties are personal, and parts them from the rest. Pure.

It goes by key, never by value: a list of keys can be read and argued about, a guess cannot. Keys are
compared without case, ``_``, ``-`` and spaces, so that ``first_name`` is ``firstName``.
"""

import re
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


@lru_cache(maxsize=4096)
def fold(key: str) -> str:
    """*key* as it is compared."""
    return key.replace("_", "").replace("-", "").replace(" ", "").lower()


def split(values: dict[str, Any], *, keys: frozenset[str]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Part *values* into what may lie open and what must be sealed (by folded *keys*), nesting kept.

    A list in which anything is personal is sealed whole.
    """
    clear: dict[str, Any] = {}
    sealed: dict[str, Any] = {}
    for key, value in values.items():
        folded = fold(key)
        if folded in DROPPED:
            continue
        if folded in keys:
            if value not in (None, ""):
                sealed[key] = value
        elif isinstance(value, dict):
            inner, inner_sealed = split(value, keys=keys)
            clear[key] = inner
            if inner_sealed:
                sealed[key] = inner_sealed
        elif isinstance(value, list):
            (sealed if _is_personal(value, keys) else clear)[key] = value
        else:
            clear[key] = value
    return clear, sealed


def _is_personal(value: object, keys: frozenset[str]) -> bool:
    """Whether any key within *value*, at any depth, is personal."""
    if isinstance(value, dict):
        return any(
            fold(key) in keys or fold(key) in DROPPED or _is_personal(inner, keys)
            for key, inner in value.items()
        )
    return isinstance(value, list) and any(_is_personal(inner, keys) for inner in value)


MASK = "•••"


def mask(value: object) -> object:
    """A copy of *value* for a screen, in which everything personal is hidden."""
    if isinstance(value, dict):
        hidden = SEALED_TRAITS | DROPPED
        return {key: MASK if fold(key) in hidden and inner else mask(inner) for key, inner in value.items()}
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
