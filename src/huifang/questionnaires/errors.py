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
