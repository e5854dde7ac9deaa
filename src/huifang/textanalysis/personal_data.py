"""Exports and erases one customer in this room. Called for a data subject request only.

Erasing takes the words, what quotes them, labels and the link to the customer; sentiment, topics and intent
stay, linked to nobody, so that statistics that were reported stay right.
"""

from datetime import datetime

from django.db import transaction
from django.db.models import Value
from django.db.models.fields.json import JSONField

from huifang.kernel.ids import CustomerId
from huifang.textanalysis import chores, stored
from huifang.textanalysis.models import Correction, Finding, Label, TextState


def export(*, customer_id: CustomerId) -> dict[str, object]:
    """What is kept of the customer's texts and what was found in them, as JSON values and datetimes."""
    rows = Finding.objects.filter(customer_id=customer_id).exclude(masked="").order_by("at", "pk")
    return {
        "texts": [
            {
                "at": each.at,
                "text": each.masked,
                "language": each.language,
                "sentiment": each.sentiment,
                "topics": [topic.code for topic in each.topics],
                "intent": each.intent,
                "urgency": each.urgency,
                "wish": each.wish,
                "competitors": [rival.name for rival in each.competitors],
                "corrected_by_a_person": sorted(each.corrected),
            }
            for each in stored.records(list(rows))
        ]
    }


def erase(*, customer_id: CustomerId, now: datetime) -> None:
    """Empty and unlink the customer's texts; a model that learnt from them is learnt anew without them."""
    with transaction.atomic():
        rows = list(
            Finding.objects.select_for_update()
            .filter(customer_id=customer_id)
            .order_by("pk")
            .values_list("pk", flat=True)
        )
        taught = set(Label.objects.filter(finding__in=rows).values_list("kind", flat=True))
        Label.objects.filter(finding__in=rows).delete()
        Correction.objects.filter(finding__in=rows).delete()
        nothing = Value([], JSONField())
        Finding.objects.filter(pk__in=rows).update(
            state=TextState.ERASED,
            customer_id=None,
            masked="",
            digest="",
            wish="",
            cues=nothing,
            competitors=nothing,
            evidence=nothing,
            topic_details=nothing,
            said=Value({}, JSONField()),
        )
        for kind in sorted(taught):
            chores.ask(chores.RETRAIN + kind, now=now)
