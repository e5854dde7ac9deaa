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


class KafkaMissingError(Refusal):
    """Reading from Kafka needs a library that is not installed by default."""

    code = "kafka_missing"
    text = gettext_noop("Kafka's client is not installed. Install huifang[kafka].")


class KafkaUnsetError(Refusal):
    """It is not known what to read from."""

    code = "kafka_unset"
    text = gettext_noop("Set KAFKA_BROKERS (host:port,…) and KAFKA_TOPICS to read events from Kafka.")
    status = 422


class StreamEndedError(Refusal):
    """Somebody ended the source of the stream under Settings, Events."""

    code = "stream_ended"
    text = gettext_noop(
        "The source “Kafka: {name}” was ended in the console. Choose another KAFKA_GROUP to read on."
    )


class BadDeclarationError(Refusal):
    """What was said about an event makes no sense."""

    code = "bad_declaration"
    text = gettext_noop("This event cannot be declared so: {problem}.")
    status = 422


class UnknownDeclarationError(Refusal):
    """Nobody declared it."""

    code = "unknown_declaration"
    text = gettext_noop("No declaration of {name} was made here.")
    status = 404


class UnknownEventError(Refusal):
    """It is neither declared nor did it ever come."""

    code = "unknown_event"
    text = gettext_noop("There is no event {name}: it is not declared and never came.")
    status = 404


class UnknownDriftError(Refusal):
    """No open drift has this number."""

    code = "unknown_drift"
    text = gettext_noop("Drift {number} is not open.")
    status = 404
