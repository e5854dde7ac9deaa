"""Moves what one customer was asked and answered to another, where two turn out to be one.

Links that were sent stay good: they lead to an invitation, whosever it is.
"""

from django.db import transaction

from huifang.kernel.ids import CustomerId
from huifang.questionnaires.models import Answer, Invitation, Response, TakenReply


def customers_merged(*, kept_id: CustomerId, gone_id: CustomerId) -> None:
    """Give the kept customer what the gone one has. Told again: no change."""
    with transaction.atomic():
        # Whoever is answering holds the invitation: wait for them, so that no answer stays behind.
        held = Invitation.objects.select_for_update().filter(customer_id=gone_id).order_by("pk")
        list(held.values_list("pk", flat=True))
        Answer.objects.filter(response__customer_id=gone_id).update(customer_id=kept_id)
        Response.objects.filter(customer_id=gone_id).update(customer_id=kept_id)
        Invitation.objects.filter(customer_id=gone_id).update(customer_id=kept_id)
        TakenReply.objects.filter(customer_id=gone_id).update(customer_id=kept_id)
