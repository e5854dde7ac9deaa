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
