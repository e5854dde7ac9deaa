"""Coupon codes: uploaded into pools, or made up. Sealed at rest; each is given out once at most."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction
from django.db.models import Count, Q

from huifang.kernel import audit, vault
from huifang.plans.errors import ListTooLongError, PoolNameError
from huifang.plans.models import CouponCode

CODES_MAX = 200_000
CODE_LENGTH_MAX = 200
NAME_LENGTH_MAX = 60
_CONTEXT = "coupon"
_LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # none that is taken for another
_LENGTH = 12

# Index scan on plans_coupons_left. Two that ask at once get two codes and do not wait.
_TAKE = """
UPDATE plans_couponcode SET reward_id = %s WHERE id = (
    SELECT id FROM plans_couponcode WHERE pool = %s AND reward_id IS NULL
    ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED)
RETURNING sealed
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolRecord:
    """One pool of codes: how many there were, and how many are left."""

    pool: str
    total: int
    left: int


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadReport:
    """What became of the codes that were given; *known* were in the pool already."""

    added: int
    known: int
    refused: int


def upload(*, pool: str, codes: Sequence[str], by: str, now: datetime) -> UploadReport:
    """Put codes into a pool, each once. Raises `PoolNameError`, `ListTooLongError`."""
    pool = pool.strip()
    if not pool or len(pool) > NAME_LENGTH_MAX or not pool.isprintable():
        raise PoolNameError(length_max=NAME_LENGTH_MAX)
    if len(codes) > CODES_MAX:
        raise ListTooLongError(count=len(codes), limit=CODES_MAX)
    wanted = dict.fromkeys(code.strip() for code in codes if code.strip())
    usable = [code for code in wanted if len(code) <= CODE_LENGTH_MAX and code.isprintable()]
    with transaction.atomic():
        before = CouponCode.objects.filter(pool=pool).count()
        CouponCode.objects.bulk_create(
            [
                CouponCode(
                    pool=pool,
                    sealed=vault.seal(code.encode(), context=_CONTEXT),
                    blind_index=vault.blind_index(code, context=_CONTEXT),
                    added_at=now,
                )
                for code in usable
            ],
            batch_size=2000,
            ignore_conflicts=True,
        )
        added = CouponCode.objects.filter(pool=pool).count() - before
        facts = {"pool": pool, "added": added}
        audit.record(actor=by, action="coupons.uploaded", subject=f"pool:{pool}", facts=facts, at=now)
    return UploadReport(added=added, known=len(usable) - added, refused=len(wanted) - len(usable))


def pools() -> list[PoolRecord]:
    """Every pool, by name."""
    rows = CouponCode.objects.values("pool").annotate(
        total=Count("pk"), left=Count("pk", filter=Q(reward_id=None))
    )
    return [PoolRecord(**row) for row in rows.order_by("pool")]


def take(pool: str, *, reward_id: int) -> bytes | None:
    """The next code of *pool*, sealed; a made-up one where *pool* is ""; None where none is left."""
    if not pool:
        code = "".join(secrets.choice(_LETTERS) for _ in range(_LENGTH))
        return vault.seal(code.encode(), context=_CONTEXT)
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, [reward_id, pool])
        row = cursor.fetchone()
    return bytes(row[0]) if row else None


def read(sealed: bytes) -> str:
    """The code that is sealed."""
    return vault.unseal(bytes(sealed), context=_CONTEXT).decode()
