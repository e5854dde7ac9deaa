"""What Insights refuses."""

from huifang.kernel.refusals import Refusal, gettext_noop


class FactsUnreadableError(Refusal):
    """Files of facts that the manifest names are not in the folder."""

    code = "facts_unreadable"
    status = 503
    text = gettext_noop(
        "The facts in {folder} cannot be read: files are missing. Give every web and worker process the same"
        " folder, or write the facts anew."
    )


class UnknownMeasureError(Refusal):
    """A metric or a cut that there is not."""

    code = "unknown_measure"
    status = 422
    text = gettext_noop("There is no {name}. Choose one of: {known}.")


class UnknownTopicError(Refusal):
    """A topic of facts that there is not."""

    code = "unknown_topic"
    status = 404
    text = gettext_noop("There are no facts called {topic}. There are: {known}.")
