"""Who speaks through the widget: a hash that the wallet made becomes a pass for an hour, for one customer.

A pass is signed and stored nowhere. It is worth something only while its site, its origin and the secret that
vouched stand, so that revoking and rotating end it at once.
"""

import base64
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec

from huifang.customers import queries as customers
from huifang.kernel import vault
from huifang.kernel.ids import CustomerId
from huifang.questionnaires import links
from huifang.questionnaires.models import WidgetSite
from huifang.questionnaires.widget import identity, sites
from huifang.questionnaires.widget.errors import WidgetPassError, WidgetRefusedError

PASS_HOURS = 1
REFUSED_AN_HOUR_MAX, GIVEN_AN_HOUR_MAX = 60, 240
_CONTEXT = "widget-pass"
_TOKEN_CHARACTERS_MAX = 400


class _Pass(msgspec.Struct, frozen=True, array_like=True):
    """What a pass says. *customer_id* is 0 where the wallet vouches for somebody not known here yet."""

    site_id: int
    secret_number: int
    customer_id: int
    ends_at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """What the widget says of who it stands with."""

    customer: str
    hash: str
    until: str = ""


def find(*, key: str, origin: str) -> WidgetSite:
    """The site that *key* names, where *origin* is one of its own. Raises `WidgetRefusedError`."""
    row = WidgetSite.objects.filter(key=key, revoked_at=None).first()
    if row is None or origin not in row.origins:
        raise WidgetRefusedError
    return row


def give(row: WidgetSite, claim: Claim, *, address: str, now: datetime) -> str:
    """A pass for whom the wallet vouches. Raises `WidgetRefusedError`, `TooManyFromHereError`."""
    number = identity.voucher(
        sites.good_secrets(row, now=now),
        customer=claim.customer,
        given=claim.hash,
        until=claim.until,
        now=now,
    )
    if number is None:
        # Counted after the look: neighbours who share the address and have a right hash are never shut out.
        links.count(f"widget-refused|{row.pk}|{address}", at_most=REFUSED_AN_HOUR_MAX, now=now)
        raise WidgetRefusedError
    links.count(f"widget|{row.pk}|{claim.customer}", at_most=GIVEN_AN_HOUR_MAX, now=now)
    known = customers.ids_of(external_ids=[claim.customer])
    ends_at = int((now + timedelta(hours=PASS_HOURS)).timestamp())
    if claim.until:
        ends_at = min(ends_at, int(claim.until))
    return _written(_Pass(row.pk, number, int(known.get(claim.customer, 0)), ends_at))


def read(row: WidgetSite, text: str, *, now: datetime) -> CustomerId | None:
    """Whose pass *text* is; None for somebody not known yet. Raises `WidgetPassError`."""
    found = _read(text)
    if found is None or found.site_id != row.pk or found.ends_at <= now.timestamp():
        raise WidgetPassError
    if found.secret_number not in {number for number, _ in sites.good_secrets(row, now=now)}:
        raise WidgetPassError
    return customers.now_called(CustomerId(found.customer_id)) if found.customer_id else None


def _written(found: _Pass) -> str:
    body = msgspec.json.encode(found)
    return base64.urlsafe_b64encode(vault.signature(body, context=_CONTEXT) + body).decode()


def _read(text: str) -> _Pass | None:
    if len(text) > _TOKEN_CHARACTERS_MAX:
        return None
    try:
        raw = base64.b64decode(text.encode("ascii"), altchars=b"-_", validate=True)
    except ValueError:
        return None
    mac, body = raw[:32], raw[32:]
    if not hmac.compare_digest(vault.signature(body, context=_CONTEXT), mac):
        return None
    return msgspec.json.decode(body, type=_Pass)
