"""What can be wrong with an answer: each refusal says what would be taken."""

from huifang.kernel.refusals import Refusal, gettext_noop


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


class ResponseCompleteError(Refusal):
    """All was answered already."""

    code = "response_complete"
    text = gettext_noop("This questionnaire was answered already.")
