"""Merges that events ask for. A write key is no proof: of two known customers a person decides.

An anonymous id that turns out to be a customer is linked at once, elsewhere; that loses nobody's refusal.
"""

from datetime import datetime

from django.db import transaction

from huifang.customers import queries, store
from huifang.customers.errors import UnknownCustomerError, UnknownProposalError
from huifang.customers.models import MergeProposal
from huifang.kernel import audit

_DISMISSED, _MERGED = "dismissed", "merged"


def propose(*, kept: str, gone: str, at: datetime, by: str) -> None:
    """Keep that *gone* may be *kept*. Once decided, the same is not asked again; nor where they are one."""
    with transaction.atomic():
        store.hold_merges()
        try:
            one, two = (queries.profile(external_id=name).id for name in (kept, gone))
        except UnknownCustomerError:
            return  # erased meanwhile
        if one == two or MergeProposal.objects.filter(kept_id=two, gone_id=one).exists():
            return
        _, is_new = MergeProposal.objects.get_or_create(kept_id=one, gone_id=two, defaults={"asked_at": at})
        if is_new:
            audit.record(
                actor=by, action="merge.proposed", subject=f"customer:{one}", facts={"gone": two}, at=at
            )


def dismiss(*, proposal_id: int, by: str, now: datetime) -> None:
    """Say that the two are not one. Raises `UnknownProposalError`."""
    with transaction.atomic():
        found = (
            MergeProposal.objects.select_for_update().filter(pk=proposal_id, outcome="").first()
            if 0 < proposal_id < 2**63
            else None
        )
        if found is None:
            raise UnknownProposalError
        found.outcome, found.settled_at, found.settled_by = _DISMISSED, now, by
        found.save(update_fields=["outcome", "settled_at", "settled_by"])
        audit.record(
            actor=by,
            action="merge.dismissed",
            subject=f"customer:{found.kept_id}",
            facts={"gone": found.gone_id},
            at=now,
        )


def note_merge(*, customer_ids: tuple[int, int], by: str, now: datetime) -> None:
    """Settle what was asked of these two, whichever was to stay."""
    MergeProposal.objects.filter(kept_id__in=customer_ids, gone_id__in=customer_ids, outcome="").update(
        outcome=_MERGED, settled_at=now, settled_by=by
    )
