"""What the customers room refuses."""

from huifang.kernel.refusals import Refusal, gettext_noop


class UnknownCustomerError(Refusal):
    """No customer has this id."""

    code = "unknown_customer"
    text = gettext_noop("There is no customer {customer}.")
    status = 404


class UnknownPurposeError(Refusal):
    """Consent is given for a purpose that this installation knows."""

    code = "unknown_purpose"
    text = gettext_noop("There is no purpose {purpose}. Purposes are: {purposes}.")
    status = 422


class UnknownChannelError(Refusal):
    """A channel is one of a fixed list, or "*" for all."""

    code = "unknown_channel"
    text = gettext_noop("There is no channel {channel}. Channels are: {channels}, or * for all.")
    status = 422


class NoIdColumnError(Refusal):
    """Rows without the wallet's own id cannot be told apart."""

    code = "no_id_column"
    text = gettext_noop("No column holds the customer's id. Columns are: {columns}. Name it with --map.")
    status = 422
