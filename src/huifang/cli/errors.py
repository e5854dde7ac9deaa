"""What the command line refuses by itself."""

from huifang.kernel.refusals import Refusal, gettext_noop


class DataFolderHeldError(Refusal):
    """Another process works on the data folder."""

    code = "data_folder_held"
    text = gettext_noop("{folder} is in use by `huifang {purpose}` (process {pid}). Stop that one first.")


class PortTakenError(Refusal):
    """Something else listens on a port."""

    code = "port_taken"
    text = gettext_noop("Port {port} on {host} cannot be used ({reason}). Choose another with {flag}.")


class NoDatabaseError(Refusal):
    """A program that needs a running database was started without one."""

    code = "no_database"
    text = gettext_noop("No database: start `huifang up` on {folder}, or set DATABASE_URL.")


class ChildFailedError(Refusal):
    """A program did not become ready."""

    code = "child_failed"
    text = gettext_noop("{name} did not start. Its log is {log}; it ends:\n{tail}")


class UnknownPlanNameError(Refusal):
    """No plan has this number or name."""

    code = "unknown_plan_name"
    text = gettext_noop("There is no plan {plan}. Plans are: {known}")


class RefusedFileError(Refusal):
    """Rows that are refused must stand somewhere."""

    code = "refused_file"
    text = gettext_noop("Refused rows cannot be written to {file}: {problem}. Say where with --refused FILE.")


class BrokenBackupError(Refusal):
    """A file is no whole backup."""

    code = "broken_backup"
    text = gettext_noop("{file} cannot be restored: {problem}. Nothing was changed; use another backup.")


class WrongKeysError(Refusal):
    """The keys at hand do not open what a backup holds."""

    code = "wrong_keys"
    text = gettext_noop(
        "The keys of this installation do not open {file}. Put the key file that belongs to it at {key_file},"
        " or set HUIFANG_KEYS. Nothing was changed."
    )


class NotEmptyError(Refusal):
    """A restore would take the place of an installation with customers in it."""

    code = "not_empty"
    text = gettext_noop(
        "{folder} already holds {customers} customers. Say --replace to put the backup in their place;"
        " what is there now is kept aside."
    )


class FileExistsAlreadyError(Refusal):
    """A backup never overwrites."""

    code = "file_exists"
    text = gettext_noop("There is a file {file} already. Choose another name.")


class AgentRefusedError(Refusal):
    """The web that an agent should read cannot be asked."""

    code = "agent_refused"
    text = gettext_noop("{url} cannot be asked ({problem}). Is `huifang up` running, and is the key right?")
