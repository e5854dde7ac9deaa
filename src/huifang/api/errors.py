"""What the API frame refuses."""

from huifang.kernel.refusals import Refusal, gettext_noop


class KeyNameTakenError(Refusal):
    """Two keys cannot share a name."""

    code = "key_name_taken"
    text = gettext_noop("There is already an API key called {name}. Choose another name or revoke that one.")


class UnknownRoleError(Refusal):
    """No such role."""

    code = "unknown_role"
    text = gettext_noop("There is no role {role}. Roles are: {roles}.")
    status = 422
