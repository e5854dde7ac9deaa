"""What the console refuses."""

from huifang.kernel.refusals import Refusal, gettext_noop


class EmailTakenError(Refusal):
    """Two people cannot share an e-mail address."""

    code = "email_taken"
    text = gettext_noop("{email} is already someone here. Open that person to change their role.")


class UnknownRoleError(Refusal):
    """No such role."""

    code = "unknown_role"
    text = gettext_noop("There is no role {role}. Roles are: {roles}.")
    status = 422


class InvalidEmailError(Refusal):
    """Not an e-mail address."""

    code = "invalid_email"
    text = gettext_noop("{email} is not an e-mail address.")
    status = 422


class LastAdministratorError(Refusal):
    """Somebody must be able to let others in."""

    code = "last_administrator"
    text = gettext_noop("This is the last active administrator. Make someone else administrator first.")


class OwnAccountError(Refusal):
    """Nobody locks themselves out, or gives themselves another role."""

    code = "own_account"
    text = gettext_noop("You cannot do this to yourself. Ask another administrator.")


class InvitationInvalidError(Refusal):
    """The link is not one of ours, was used, was replaced, or is too old."""

    code = "invitation_invalid"
    text = gettext_noop("This link was used or is too old. Ask an administrator for a new one.")
    status = 410


class PersonUnknownError(Refusal):
    """No such person."""

    code = "person_unknown"
    text = gettext_noop("There is no such person.")
    status = 404
