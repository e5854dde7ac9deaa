"""What the events room refuses."""

from huifang.kernel.refusals import Refusal, gettext_noop


class SourceNameTakenError(Refusal):
    """Two write keys cannot share a name."""

    code = "source_name_taken"
    text = gettext_noop("There is already a write key called {name}. Choose another name or revoke that one.")


class UnknownSourceError(Refusal):
    """No write key of that name is in use."""

    code = "unknown_source"
    text = gettext_noop("There is no write key called {name} in use.")
    status = 404


class UnknownRejectedEventError(Refusal):
    """No rejected event with this number."""

    code = "unknown_rejected_event"
    text = gettext_noop("Rejected event {number} is not kept, or no longer.")
    status = 404


class NotReplayableError(Refusal):
    """The payload was too long to be kept whole."""

    code = "not_replayable"
    text = gettext_noop("Rejected event {number} was too large to be kept whole, so it cannot be replayed.")


class AlreadyReplayedError(Refusal):
    """It is stored already."""

    code = "already_replayed"
    text = gettext_noop("Rejected event {number} was replayed already.")


class UnreadablePayloadError(Refusal):
    """What was typed is not one JSON object."""

    code = "unreadable_payload"
    text = gettext_noop("This is not one JSON object: {fault}")
    status = 422
