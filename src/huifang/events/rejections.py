"""Why a message is not stored: the codes, and what each means. Codes are stored: never rename one."""

from enum import StrEnum

from huifang.kernel.refusals import gettext_noop


class Code(StrEnum):
    """Why a message is in the rejected list."""

    MALFORMED = "malformed"
    BAD_TYPE = "bad_type"
    MISSING_USER = "missing_user"
    BAD_USER = "bad_user"
    MISSING_NAME = "missing_name"
    BAD_NAME = "bad_name"
    BAD_MESSAGE_ID = "bad_message_id"
    BAD_PROPERTIES = "bad_properties"
    BAD_TIMESTAMP = "bad_timestamp"
    IN_THE_FUTURE = "in_the_future"
    TOO_OLD = "too_old"
    TOO_LARGE = "too_large"
    NULL_BYTE = "null_byte"
    NOT_STORABLE = "not_storable"
    NOT_AS_DECLARED = "not_as_declared"


MEANINGS: dict[str, str] = {
    Code.MALFORMED: gettext_noop("The message is not a JSON object."),
    Code.BAD_TYPE: gettext_noop("The type is not track, identify, page, screen, group or alias."),
    Code.MISSING_USER: gettext_noop("There is neither a userId nor an anonymousId."),
    Code.BAD_USER: gettext_noop(
        "An id is neither text nor a whole number, or is longer than 255 characters."
    ),
    Code.MISSING_NAME: gettext_noop("A track call has no event name."),
    Code.BAD_NAME: gettext_noop("The name is not text, or is longer than 200 characters."),
    Code.BAD_MESSAGE_ID: gettext_noop("The messageId is not text, or is longer than 255 characters."),
    Code.BAD_PROPERTIES: gettext_noop("Properties or traits are not an object, or are nested too deep."),
    Code.BAD_TIMESTAMP: gettext_noop("A timestamp cannot be read."),
    Code.IN_THE_FUTURE: gettext_noop("It says that it happens more than an hour from now. Replay it later."),
    Code.TOO_OLD: gettext_noop("It happened longer ago than events are accepted."),
    Code.TOO_LARGE: gettext_noop("The message is longer than 32 kB."),
    Code.NULL_BYTE: gettext_noop("An id or a name has a NUL character in it."),
    Code.NOT_STORABLE: gettext_noop("The database refused it."),
    Code.NOT_AS_DECLARED: gettext_noop("It is not as the event was declared, and the declaration is strict."),
}


class RejectedMessageError(Exception):
    """One message cannot be stored. *detail* tells a developer what was wrong with this one, in English."""

    def __init__(self, code: Code, detail: str) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail
