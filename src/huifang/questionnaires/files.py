"""Gives staff the voice notes and images of customers: to those who may, one at a time, and audited."""

import uuid

from django.http import HttpResponse

from huifang.console.screens import Request, screen
from huifang.kernel import audit, clock
from huifang.questionnaires import uploads


@screen(permission="feedback.files")
def download(request: Request, file_id: uuid.UUID) -> HttpResponse:
    """One file, to be saved and never shown as a page of ours."""
    found = uploads.read(file_id=file_id)
    audit.record(
        actor=request.person.actor,
        action="feedback.file_opened",
        subject=f"response:{found.response_id}",
        facts={"file": str(file_id)},
        at=clock.now(),
    )
    reply = HttpResponse(found.data, content_type=found.media_type)
    reply["Content-Disposition"] = f'attachment; filename="{found.name}"'
    reply["X-Content-Type-Options"] = "nosniff"
    reply["Content-Security-Policy"] = "default-src 'none'; sandbox"
    reply["Cache-Control"] = "private, no-store"
    reply["Cross-Origin-Resource-Policy"] = "same-origin"
    return reply
