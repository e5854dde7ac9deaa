"""Keeps voice notes and images sealed in the database, beside the answer that they belong to.

There and not in a folder: so a file is stored, rolled back, backed up, exported, erased with its answer.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime

from huifang.kernel import vault
from huifang.questionnaires import rules
from huifang.questionnaires.errors import UnknownFileError
from huifang.questionnaires.models import Answer, Response, Upload
from huifang.questionnaires.records import AnswerValue

_SUFFIXES = {
    "image/jpeg": "jpg",
    "audio/ogg": "ogg",
    "audio/webm": "webm",
    "audio/wav": "wav",
    "audio/mp4": "m4a",
    "audio/aac": "aac",
    "audio/mpeg": "mp3",
    "audio/amr": "amr",
    "audio/amr-wb": "awb",
    "audio/x-caf": "caf",
    "audio/flac": "flac",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredFile:
    """A file as staff get it."""

    name: str
    media_type: str
    data: bytes
    response_id: int


def _context(file_id: uuid.UUID) -> str:
    """What the seal is bound to: a sealed file cannot be put in the place of another."""
    return f"upload/{file_id}"


def keep(response: Response, question_key: str, value: AnswerValue, *, now: datetime) -> AnswerValue:
    """*value* with its fresh file stored, in place of one that was there; itself where it brings none."""
    if value.fresh is None:
        return value
    Upload.objects.filter(response=response, question_key=question_key).delete()
    file_id = uuid.uuid4()
    Upload.objects.create(
        id=file_id,
        response=response,
        question_key=question_key,
        media_type=value.fresh.media_type,
        size=len(value.fresh.data),
        sealed=vault.seal(value.fresh.data, context=_context(file_id)),
        created_at=now,
    )
    return rules.with_file(value, str(file_id))


def read(*, file_id: uuid.UUID) -> StoredFile:
    """A file that a counted answer brought. Raises `UnknownFileError`."""
    found = Upload.objects.filter(pk=file_id).first()
    if found is None or not Answer.objects.filter(file=file_id, is_live=True).exists():
        raise UnknownFileError
    return StoredFile(
        name=f"response-{found.response_id}-{found.question_key}.{_SUFFIXES.get(found.media_type, 'bin')}",
        media_type=found.media_type,
        data=vault.unseal(bytes(found.sealed), context=_context(file_id)),
        response_id=found.response_id,
    )
