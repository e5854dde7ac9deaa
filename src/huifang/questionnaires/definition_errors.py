"""What can be wrong with a questionnaire as it is written: each refusal says where and what to do."""

from huifang.kernel.refusals import Refusal, gettext_noop


class DefinitionUnreadableError(Refusal):
    """The definition does not have the shape of a questionnaire."""

    code = "definition_unreadable"
    text = gettext_noop("The definition cannot be read: {detail}")
    status = 422


class NoQuestionsError(Refusal):
    """A questionnaire asks something."""

    code = "no_questions"
    text = gettext_noop("Add at least one question before you publish.")
    status = 422


class TooManyQuestionsError(Refusal):
    """There is a limit to what one can ask."""

    code = "too_many_questions"
    text = gettext_noop("A questionnaire has at most {limit} questions.")
    status = 422


class QuestionKeyError(Refusal):
    """A question's key is how its answers are found for ever."""

    code = "question_key"
    text = gettext_noop(
        "The key “{key}” cannot be used: a key is unique, starts with a letter and holds a–z, 0–9 and _."
    )
    status = 422


class TextMissingError(Refusal):
    """Without this text a customer would see an empty question."""

    code = "text_missing"
    text = gettext_noop(
        "Question {number} has no text in {language}, the language that the others fall back to."
    )
    status = 422


class LabelMissingError(Refusal):
    """An option without a label cannot be chosen."""

    code = "label_missing"
    text = gettext_noop("Question {number} has an option without a label in {language}.")
    status = 422


class TextTooLongError(Refusal):
    """A text does not fit on a phone."""

    code = "text_too_long"
    text = gettext_noop("A text in question {number} is longer than {limit} characters.")
    status = 422


class OptionsError(Refusal):
    """A choice needs something to choose from."""

    code = "options"
    text = gettext_noop("Question {number} needs between 2 and {limit} options, each with its own key.")
    status = 422


class BranchError(Refusal):
    """A branch looks back only, so that no path can turn in a circle."""

    code = "branch_forward"
    text = gettext_noop(
        "Question {number} is shown depending on “{other}”, which does not come before it. "
        "A condition may only look at an earlier question."
    )
    status = 422


class BranchTestError(Refusal):
    """A condition asks what its question can never answer."""

    code = "branch_test"
    text = gettext_noop(
        "Question {number} is shown on a condition that “{other}” can never meet. Choose it anew."
    )
    status = 422


class BranchLoopError(Refusal):
    """Conditions that wait for each other would show none of these questions."""

    code = "branch_loop"
    text = gettext_noop(
        "The conditions of these questions turn in a circle: {questions}. Take one of them away."
    )
    status = 422


class ShuffleError(Refusal):
    """Questions that change places must be there."""

    code = "shuffle"
    text = gettext_noop("One of the questions that change places is not there any more: {key}.")
    status = 422


class ShuffleBranchError(Refusal):
    """The order of some would ask a question before what it hangs on."""

    code = "shuffle_branch"
    text = gettext_noop(
        "Question {number} depends on “{other}” and could come before it, because questions change places. "
        "Take one of the two out of the changing, or move it behind."
    )
    status = 422


class RangeError(Refusal):
    """No answer could lie within."""

    code = "range_empty"
    text = gettext_noop("No answer to question {number} lies within its bounds. Turn the two round.")
    status = 422


class ConsentTermsError(Refusal):
    """A consent is for a purpose and a channel that the ledger knows."""

    code = "consent_terms"
    text = gettext_noop("Question {number} asks for a consent that is not known. Choose purpose and channel.")
    status = 422


class RowsError(Refusal):
    """A matrix asks about something."""

    code = "rows"
    text = gettext_noop("Question {number} needs between 1 and {limit} rows, each with its own key.")
    status = 422


class QuotaError(Refusal):
    """A quota can never be counted."""

    code = "quota"
    text = gettext_noop(
        "The quota “{key}” cannot be counted: it needs a limit, and answers that can be given."
    )
    status = 422


class PipeError(Refusal):
    """A text takes up what is not known when it is shown."""

    code = "pipe"
    text = gettext_noop(
        "Question {number} takes up [[{key}]], which is no earlier question and no hidden field."
    )
    status = 422


class AnonymousKindError(Refusal):
    """What would give the author away cannot be asked anonymously."""

    code = "anonymous_kind"
    text = gettext_noop(
        "An anonymous questionnaire can have no hidden fields, and ask for no voice, image or contact: "
        "they give away who answers. Take out what asks for it (question {number}), or ask by name."
    )
    status = 422


class ThanksPathError(Refusal):
    """The page of thanks leads nowhere but to this product."""

    code = "thanks_path"
    text = gettext_noop("“{path}” is no path of this product: it starts with one / and names no other host.")
    status = 422
