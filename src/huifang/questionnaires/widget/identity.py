"""Decides whether the wallet vouches for a customer's id, and reads origins. Pure: no clock, no database."""

import hmac
import re
from collections.abc import Iterable
from datetime import datetime
from hashlib import sha256
from urllib.parse import urlsplit

from huifang.questionnaires.widget.errors import WidgetOriginError

ID_CHARACTERS_MAX = 200
_HASH = re.compile(r"[0-9a-f]{64}")
_UNTIL = re.compile(r"[0-9]{1,12}", re.ASCII)
_ORIGIN = re.compile(r"https?://[a-z0-9.\-\[\]:]+", re.ASCII)


def expected(secret: str, customer: str, until: str = "") -> str:
    """The hash that the wallet makes: HMAC-SHA256 of the id, a line break and *until* if there is one.

    An id with a line break is refused, so no id can be taken for another with an end.
    """
    told = f"{customer}\n{until}" if until else customer
    return hmac.digest(secret.encode(), told.encode(), sha256).hex()


def is_usable(customer: str, given: str, until: str) -> bool:
    """Whether these could be an id, a hash and an end at all."""
    is_id = 0 < len(customer) <= ID_CHARACTERS_MAX and customer.isprintable()
    return is_id and bool(_HASH.fullmatch(given)) and (not until or bool(_UNTIL.fullmatch(until)))


def voucher(
    secrets: Iterable[tuple[int, str]], *, customer: str, given: str, until: str, now: datetime
) -> int | None:
    """The number of the secret by which the wallet vouches for *customer*; None where it does not.

    Every secret is tried, whichever fits: the time it takes tells nothing.
    """
    given = given.lower()
    if not is_usable(customer, given, until):
        return None
    found = None
    for number, secret in secrets:
        if hmac.compare_digest(expected(secret, customer, until), given):
            found = number
    is_over = bool(until) and int(until) <= now.timestamp()
    return None if is_over else found


def read_origin(text: str) -> str:
    """*text* as browsers send an origin: lower case, without the usual port. Raises `WidgetOriginError`."""
    plain = text.strip().lower().removesuffix("/")
    try:
        parts = urlsplit(plain)
        port, host = parts.port, parts.hostname or ""
    except ValueError:
        raise WidgetOriginError(origin=text) from None
    if not _ORIGIN.fullmatch(plain) or not host or parts.netloc.endswith(":"):
        raise WidgetOriginError(origin=text)
    is_usual = port == {"http": 80, "https": 443}[parts.scheme]
    shown = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{shown}" + ("" if port is None or is_usual else f":{port}")
