"""What textanalysis refuses."""

from huifang.kernel.refusals import Refusal, gettext_noop


class UnknownTopicError(Refusal):
    """No topic has this code."""

    code = "unknown_topic"
    text = gettext_noop("There is no topic {topic}.")
    status = 404


class UnknownFindingError(Refusal):
    """No finding has this number."""

    code = "unknown_finding"
    text = gettext_noop("There is no such finding.")
    status = 404


class TooFewLabelsError(Refusal):
    """A classifier needs examples of at least two classes."""

    code = "too_few_labels"
    text = gettext_noop("{found} labelled texts are too few; label at least {needed}.")


class BrokenModelError(Refusal):
    """A stored model does not fit its sum, or was made by a newer version."""

    code = "broken_model"
    text = gettext_noop("The stored model {name} cannot be used ({problem}). Train it anew.")


class TopicCodeError(Refusal):
    """A code is what other programs read: lower-case letters, digits and underscores."""

    code = "topic_code"
    text = gettext_noop("{topic} cannot be a topic's code; use small letters, digits and _.")
    status = 422


class TopicTakenError(Refusal):
    """Another topic has this code, or goes by this name beside it."""

    code = "topic_taken"
    text = gettext_noop("There is a topic {topic} already.")


class TopicNamelessError(Refusal):
    """A topic needs a name in at least one language."""

    code = "topic_nameless"
    text = gettext_noop("Give the topic a name.")
    status = 422


class SameTopicError(Refusal):
    """A topic cannot be merged into itself."""

    code = "same_topic"
    text = gettext_noop("Choose another topic to merge {topic} into.")
    status = 422


class FieldValueError(Refusal):
    """A correction or a label must be a value that the field can have."""

    code = "field_value"
    text = gettext_noop("{value} is no value of {field}.")
    status = 422


class UnknownModelError(Refusal):
    """No such version, or its numbers are not kept any more."""

    code = "unknown_model"
    text = gettext_noop("This version of the model is not kept any more.")
    status = 404


class UnknownAlertError(Refusal):
    """No alert has this number, or it is closed."""

    code = "unknown_alert"
    text = gettext_noop("There is no such open alert.")
    status = 404


class UnknownProposalError(Refusal):
    """No proposal has this number, or somebody decided about it."""

    code = "unknown_proposal"
    text = gettext_noop("There is no such open proposal.")
    status = 404


class FaqEmptyError(Refusal):
    """An entry needs a question and an answer."""

    code = "faq_empty"
    text = gettext_noop("Write at least one question and the answer.")
    status = 422


class UnknownFaqError(Refusal):
    """No entry has this number."""

    code = "unknown_faq"
    text = gettext_noop("There is no such entry.")
    status = 404
