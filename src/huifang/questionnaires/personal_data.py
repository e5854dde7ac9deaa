"""Exports and erases one customer in this room. Called for a data subject request only.

Erasing takes words, files, amounts, days and every link to the customer; scores and choices stay, linked to
nobody, so that statistics that were reported stay right. Anonymous answers are nobody's and stay untouched.
"""

import base64
import uuid
from datetime import datetime

from django.db import transaction
from django.db.models import F, Value
from django.db.models.fields import TextField
from django.db.models.functions import Cast, Concat

from huifang.kernel.ids import CustomerId
from huifang.questionnaires import queries, uploads
from huifang.questionnaires.models import Answer, Invitation, Response, TakenReply, Upload
from huifang.questionnaires.records import IMPORT, AnswerRecord


def export(*, customer_id: CustomerId) -> dict[str, object]:
    """Everything that the customer was asked and answered, as JSON values and datetimes."""
    invitations = Invitation.objects.filter(customer_id=customer_id).order_by("created_at")
    return {
        "invitations": list(
            invitations.values("created_at", "expires_at", "closed_at", "channel", "language")
        ),
        "responses": [
            {
                "questionnaire": response.questionnaire_name,
                "version": response.version,
                "about_event": response.event,
                "started_at": response.started_at,
                "completed_at": response.completed_at,
                "comments": response.comments,
                "answers": [
                    {
                        "question": answer.question_key,
                        "number": answer.number,
                        "choices": answer.choices,
                        "text": answer.text,
                        "amount": None if answer.amount is None else str(answer.amount),
                        "day": answer.day.isoformat() if answer.day else None,
                        "file": _file(answer),
                        "answered_at": answer.answered_at,
                    }
                    for answer in response.answers
                ],
            }
            for response in queries.responses_of(customer_id=customer_id)
        ],
    }


def _file(answer: AnswerRecord) -> dict[str, str] | None:
    """A voice note or an image, whole: it is the customer's own."""
    if not answer.file:
        return None
    found = uploads.read(file_id=uuid.UUID(answer.file))
    data = base64.b64encode(found.data).decode()
    return {"name": found.name, "media_type": found.media_type, "base64": data}


def erase(*, customer_id: CustomerId, now: datetime) -> None:
    """Unlink and empty what the customer said. Waits for an answer that is being written."""
    with transaction.atomic():
        held = list(
            Invitation.objects.select_for_update()
            .filter(customer_id=customer_id)
            .order_by("pk")
            .values_list("pk", flat=True)
        )
        Upload.objects.filter(response__invitation__in=held).delete()
        Answer.objects.filter(response__invitation__in=held).update(
            text="", file=None, amount=None, day=None, customer_id=None
        )
        Response.objects.filter(invitation__in=held).update(customer_id=None, has_text=False)
        TakenReply.objects.filter(customer_id=customer_id).update(customer_id=None, words="")
        # What an imported answer is about is a measure's, and names nobody.
        Response.objects.filter(invitation__in=held).exclude(mode=IMPORT).update(context={})
        found = Invitation.objects.filter(pk__in=held)
        found.filter(closed_at=None).update(closed_at=now)
        # The key may lead back to the customer by way of the room that invited them. That of an import is a
        # keyed hash and stays, so that the same file does not bring the words back.
        invited = found.exclude(mode=IMPORT)
        invited.update(key=Concat(Value("erased:"), Cast(F("pk"), TextField())))
        found.update(customer_id=None, context={}, thanks_path="")
