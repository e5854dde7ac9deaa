"""What delivery refuses, and how a provider's failure reads. No Django."""

from enum import StrEnum

from huifang.kernel.refusals import Refusal, gettext_noop


class BudgetSpentError(Refusal):
    """The contact ledger has no room for one more contact. *scope* is the cap that is full."""

    code = "budget_spent"
    text = gettext_noop("The contact budget of this customer is spent ({scope}).")


class UnknownChannelError(Refusal):
    """No channel has this name."""

    code = "unknown_channel"
    text = gettext_noop("There is no channel {channel}.")
    status = 422


class UnknownProviderError(Refusal):
    """No provider of this name serves this channel."""

    code = "unknown_provider"
    text = gettext_noop("There is no provider {provider} for {channel}.")
    status = 422


class UnknownAccountError(Refusal):
    """No channel account has this number."""

    code = "unknown_channel_account"
    text = gettext_noop("There is no channel account {account_id}.")
    status = 404


class AccountFixedError(Refusal):
    """The account comes from the environment of the server."""

    code = "channel_account_fixed"
    text = gettext_noop("The account {name} is set by the server's environment and cannot be edited here.")


class AccountInvalidError(Refusal):
    """A setting of a channel account is missing or cannot be used."""

    code = "channel_account_invalid"
    text = gettext_noop("The account cannot be used as it is: look at {field}.")
    status = 422


class AccountAddressForbiddenError(Refusal):
    """An account must not make the server call into its own network."""

    code = "channel_account_address_forbidden"
    text = gettext_noop(
        "The address in {field} lies in a private network. If it is meant, add it to {setting} on the server."
    )
    status = 422


class AccountNameTakenError(Refusal):
    """Two accounts of one channel cannot share a name."""

    code = "channel_account_name_taken"
    text = gettext_noop("There is already an account called {name}. Choose another name.")


class TrialFailedError(Refusal):
    """The provider did not take the trial message."""

    code = "trial_failed"
    text = gettext_noop("The provider did not take the message: {reason}.")
    status = 502


class UnknownInboxMessageError(Refusal):
    """The customer has no such message, or has it no longer."""

    code = "unknown_inbox_message"
    text = gettext_noop("This customer has no message {message_id}.")
    status = 404


class PlaceholderUnknownError(Refusal):
    """A template names a placeholder that nothing will fill."""

    code = "placeholder_unknown"
    text = gettext_noop("The template uses {placeholder}, which is not known. Known are: {known}.")
    status = 422


class PlaceholderBrokenError(Refusal):
    """A template has a brace that opens or closes nothing."""

    code = "placeholder_broken"
    text = gettext_noop("A brace in the template opens or closes nothing, near “{near}”.")
    status = 422


class PolicyInvalidError(Refusal):
    """The contact policy contradicts itself."""

    code = "policy_invalid"
    text = gettext_noop("The contact policy cannot be used: {why}")
    status = 422


class PolicyOutdatedError(Refusal):
    """Somebody else changed the policy meanwhile."""

    code = "policy_outdated"
    text = gettext_noop("The policy was changed by somebody else meanwhile. Look at version {version} first.")


class UnknownPolicyVersionError(Refusal):
    """There is no such version of the policy."""

    code = "unknown_policy_version"
    text = gettext_noop("There is no version {version} of the contact policy.")
    status = 404


class UnknownTemplateError(Refusal):
    """No message template has this number."""

    code = "unknown_message_template"
    text = gettext_noop("There is no message template {template_id}.")
    status = 404


class TemplateEmptyError(Refusal):
    """A message template has no text in its fallback language."""

    code = "message_template_empty"
    text = gettext_noop("Write the message in its fallback language too ({language}).")
    status = 422


class TemplateNameTakenError(Refusal):
    """Two templates of one channel cannot share a name."""

    code = "message_template_name_taken"
    text = gettext_noop("There is already a template called {name}. Choose another name.")


class UnknownWebhookError(Refusal):
    """No webhook endpoint has this number."""

    code = "unknown_webhook"
    text = gettext_noop("There is no webhook {endpoint_id}.")
    status = 404


class WebhookAddressError(Refusal):
    """A webhook's address cannot be called."""

    code = "webhook_address_invalid"
    text = gettext_noop("“{url}” is no address. Write https://… without a name or a password in it.")
    status = 422


class WebhookForbiddenError(Refusal):
    """A webhook's address lies inside the server's own network."""

    code = "webhook_address_forbidden"
    text = gettext_noop(
        "{url} lies in a private network, where nothing is sent. The server's setting {setting} allows it."
    )
    status = 422


class WebhookKindError(Refusal):
    """There is no fact of this name to subscribe to."""

    code = "webhook_kind_unknown"
    text = gettext_noop("There is nothing to hear called {kind}. There are: {known}.")
    status = 422


class WebhookNameTakenError(Refusal):
    """Two webhooks cannot share a name."""

    code = "webhook_name_taken"
    text = gettext_noop("There is already a webhook called {name}. Choose another name.")


class VariableMissingError(Exception):
    """A template cannot be filled whole, so nothing is sent."""

    def __init__(self, placeholder: str) -> None:
        super().__init__(placeholder)
        self.placeholder = placeholder


class Effect(StrEnum):
    """What a failure says beyond the one message."""

    NONE = ""
    DEAD = "dead"  # this contact point is of no more use
    REFUSED = "refused"  # the provider knows that the customer said no
    GONE = "gone"  # the account's address wants no more: it is switched off
    ACCOUNT = "account"  # credentials or credit: other messages of the account will fail too


class DeliveryError(Exception):
    """The provider has not taken the message. *permanent*: trying again will not help.

    *code* is a short word or the provider's own number, stored as the reason; it
    never holds personal data.
    """

    def __init__(
        self, code: str, *, permanent: bool, effect: Effect = Effect.NONE, retry_after_seconds: int = 0
    ) -> None:
        super().__init__(code)
        self.code = code
        self.permanent = permanent
        self.effect = effect
        self.retry_after_seconds = retry_after_seconds


class OutcomeUnknownError(Exception):
    """The message was handed over and no answer came: nobody can say whether it was taken."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class SignatureInvalidError(Refusal):
    """A provider's webhook is not signed as agreed, or is too old."""

    code = "signature_invalid"
    text = gettext_noop("The signature of this request is not valid.")
    status = 403


class NoticeMalformedError(Refusal):
    """A provider's webhook cannot be read."""

    code = "notice_malformed"
    text = gettext_noop("The request cannot be read: {why}")
    status = 400
