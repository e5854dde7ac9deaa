"""What the questionnaires room refuses on purpose."""

from huifang.kernel.refusals import Refusal, gettext_noop


class UnknownQuestionnaireError(Refusal):
    """No questionnaire has this number."""

    code = "unknown_questionnaire"
    text = gettext_noop("There is no questionnaire {questionnaire_id}.")
    status = 404


class UnknownVersionError(Refusal):
    """The questionnaire has no such version."""

    code = "unknown_version"
    text = gettext_noop("There is no version {version_id} of a questionnaire.")
    status = 404


class NotPublishedError(Refusal):
    """Only what is published can be asked."""

    code = "not_published"
    text = gettext_noop("Questionnaire {questionnaire_id} has no published version yet. Publish it first.")


class ArchivedError(Refusal):
    """An archived questionnaire is not changed."""

    code = "questionnaire_archived"
    text = gettext_noop("This questionnaire is archived. Bring it back before you change it.")


class SlugTakenError(Refusal):
    """Two questionnaires cannot share a short name."""

    code = "slug_taken"
    text = gettext_noop("There is already a questionnaire with the short name {slug}. Choose another.")


class NameMissingError(Refusal):
    """A questionnaire needs a name."""

    code = "name_missing"
    text = gettext_noop("Give the questionnaire a name in at least one language.")
    status = 422


class DraftMissingError(Refusal):
    """There is nothing to publish."""

    code = "draft_missing"
    text = gettext_noop("There is no draft to publish: the latest version is published already.")


class DraftChangedError(Refusal):
    """Somebody else saved the draft in between."""

    code = "draft_changed"
    text = gettext_noop(
        "Somebody else saved this draft while you worked on it. Open it again and repeat your change."
    )


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


class AnswerInvalidError(Refusal):
    """What was sent is not an answer to this question."""

    code = "answer_invalid"
    text = gettext_noop("That is not one of the answers. Please choose again.")
    status = 422


class AnswerMissingError(Refusal):
    """A required question was left empty."""

    code = "answer_missing"
    text = gettext_noop("Please answer this question; the others depend on it.")
    status = 422


class AnswerTooLongError(Refusal):
    """The text does not fit."""

    code = "answer_too_long"
    text = gettext_noop("That is longer than {limit} characters. Please shorten it a little.")
    status = 422


class AnswerExclusiveError(Refusal):
    """An option that rules out the others was chosen along with one of them."""

    code = "answer_exclusive"
    text = gettext_noop("“None of these” cannot go with another answer. Please choose again.")
    status = 422


class AnswerIncompleteError(Refusal):
    """A row of a required matrix is empty."""

    code = "answer_incomplete"
    text = gettext_noop("Please choose an answer in each row.")
    status = 422


class AnswerNotNumberError(Refusal):
    """That is no number of the kind that was asked for."""

    code = "answer_not_number"
    text = gettext_noop("Please write a number in digits, like 25.")
    status = 422


class AnswerNotDateError(Refusal):
    """That is no day."""

    code = "answer_not_date"
    text = gettext_noop("Please write a date as year-month-day, like 2026-11-22.")
    status = 422


class AnswerOutOfRangeError(Refusal):
    """A number or a day outside what was asked for."""

    code = "answer_out_of_range"
    text = gettext_noop("Please stay between {lowest} and {highest}.")
    status = 422


class AnswerFileTooLargeError(Refusal):
    """The file is larger than what is taken."""

    code = "answer_file_too_large"
    text = gettext_noop("The file is larger than {megabytes} MB. Please send a smaller one.")
    status = 413


class AnswerNotImageError(Refusal):
    """The file is no picture that can be read."""

    code = "answer_not_image"
    text = gettext_noop("This file is no picture that we can read. Please choose a JPEG or PNG.")
    status = 422


class AnswerImageTooLargeError(Refusal):
    """The picture has more points than are decoded."""

    code = "answer_image_too_large"
    text = gettext_noop(
        "This picture is too large: at most {megapixels} megapixels. Please send a photo as the camera made"
        " it, or a smaller picture."
    )
    status = 422


class AnswerNotSoundError(Refusal):
    """The file is no recording that is known."""

    code = "answer_not_sound"
    text = gettext_noop("This file is no recording that we know. Please record again, or write instead.")
    status = 422


class ThanksPathError(Refusal):
    """The page of thanks leads nowhere but to this product."""

    code = "thanks_path"
    text = gettext_noop("“{path}” is no path of this product: it starts with one / and names no other host.")
    status = 422


class UnknownInvitationError(Refusal):
    """The link is not one of ours."""

    code = "unknown_invitation"
    text = gettext_noop("This link does not lead to a questionnaire.")
    status = 404


class InvitationSpentError(Refusal):
    """An anonymous answer was begun with this link already."""

    code = "invitation_spent"
    text = gettext_noop("This link was used already. It can be used once.")
    status = 410


class BallotGoneError(Refusal):
    """The anonymous answer is sealed."""

    code = "ballot_gone"
    text = gettext_noop("This answer was given already; nobody can change it any more.")


class UnknownLibraryQuestionError(Refusal):
    """The library has no such question."""

    code = "unknown_library_question"
    text = gettext_noop("The library has no question {name}; perhaps somebody took it out.")
    status = 404


class NothingToUndoError(Refusal):
    """The draft has no earlier state."""

    code = "nothing_to_undo"
    text = gettext_noop("There is nothing to undo in this draft.")


class UnknownFileError(Refusal):
    """No counted answer brought such a file."""

    code = "unknown_file"
    text = gettext_noop("There is no such file; perhaps it was erased.")
    status = 404


class UnknownOpenLinkError(Refusal):
    """No open link has this address."""

    code = "unknown_open_link"
    text = gettext_noop("There is no open link {slug}.")
    status = 404


class OpenLinkClosedError(Refusal):
    """Not yet, no longer, or enough."""

    code = "open_link_closed"
    text = gettext_noop("This questionnaire is closed.")
    status = 410


class TooManyFromHereError(Refusal):
    """Many answers from one address within an hour: a guard against machines."""

    code = "too_many_from_here"
    text = gettext_noop("Many answers came from here within the hour. Please try again a little later.")
    status = 429


class OpenLinkTermsError(Refusal):
    """The link could never take an answer."""

    code = "open_link_terms"
    text = gettext_noop("The link closes before it opens. Change one of the two times.")
    status = 422


class InvitationClosedError(Refusal):
    """Too late: the invitation expired or was closed."""

    code = "invitation_closed"
    text = gettext_noop("This questionnaire is closed.")
    status = 410


class ResponseCompleteError(Refusal):
    """All was answered already."""

    code = "response_complete"
    text = gettext_noop("This questionnaire was answered already.")
