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
    text = gettext_noop(
        "No column holds the customer's id. Columns are: {columns}. Say which one does (--map in a command)."
    )
    status = 422


class SameCustomerError(Refusal):
    """Both ids belong to one customer already."""

    code = "same_customer"
    text = gettext_noop("{one} and {two} are one customer already.")
    status = 409


class FaultySegmentError(Refusal):
    """The conditions of a segment are no conditions."""

    code = "faulty_segment"
    text = gettext_noop("These conditions cannot be used: {problems}.")
    status = 422


class UnknownSegmentError(Refusal):
    """No segment has this number."""

    code = "unknown_segment"
    text = gettext_noop("There is no segment {segment}.")
    status = 404


class ScanTooLargeError(Refusal):
    """Counting within a window, or by a property, reads events; only so many."""

    code = "scan_too_large"
    text = gettext_noop(
        "Over {limit} events {event} lie in those {days} days, too many to read each. Take fewer days, or"
        " leave out the property and the number of times."
    )
    status = 422


class SlowSegmentError(Refusal):
    """Finding the customers of a segment took too long."""

    code = "slow_segment"
    text = gettext_noop("Finding these customers took over {seconds} seconds. Make the conditions simpler.")
    status = 503


class SegmentNameError(Refusal):
    """Two segments of one name cannot be told apart."""

    code = "segment_name"
    text = gettext_noop("Another segment is called {name}. Take another name.")
    status = 409


class StaleSegmentError(Refusal):
    """Somebody else has saved the segment since it was opened."""

    code = "stale_segment"
    text = gettext_noop("Somebody else has changed this segment meanwhile. Open it anew and change that.")
    status = 409


class UnknownImportError(Refusal):
    """No import has this number."""

    code = "unknown_import"
    text = gettext_noop("There is no import {job}.")
    status = 404


class UnknownImportKindError(Refusal):
    """Only some things can be imported."""

    code = "unknown_import_kind"
    text = gettext_noop("{kind} cannot be imported. What can be: {kinds}.")
    status = 422


class ImportTooLargeError(Refusal):
    """A file is bigger than the console takes."""

    code = "import_too_large"
    text = gettext_noop(
        "The file has {size} MB; at the console {limit} MB is the most. Import it at the terminal, with"
        " huifang import, which has no limit, or pack it with gzip."
    )
    status = 413


class UnknownProposalError(Refusal):
    """Somebody else decided, or it never was."""

    code = "unknown_proposal"
    text = gettext_noop("No merge waits for a decision here; somebody else may have decided.")
    status = 404


class ImportZoneError(Refusal):
    """Times of a zone that nobody knows would be read as others."""

    code = "import_zone"
    text = gettext_noop("There is no time zone {zone}. One is Asia/Shanghai.")
    status = 422


class ImportBusyError(Refusal):
    """What is being read is neither changed nor begun once more."""

    code = "import_busy"
    text = gettext_noop("This file is being imported. Wait until it is done.")
    status = 409


class ImportFileGoneError(Refusal):
    """Files are deleted once they are imported."""

    code = "import_file_gone"
    text = gettext_noop("The file has been deleted. Bring it again.")
    status = 410
