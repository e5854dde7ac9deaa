"""Why the embedded PostgreSQL cannot be used. Each message says what to do."""


class PostgresError(Exception):
    """The embedded PostgreSQL cannot be used; the message is for the person who started it."""


class BinariesMissingError(PostgresError):
    """No PostgreSQL programs were found."""


class DataHeldError(PostgresError):
    """Another live server holds the data folder."""


class WrongVersionError(PostgresError):
    """The data folder was made by another major version."""


class UnreachableFolderError(PostgresError):
    """The account that PostgreSQL runs as cannot reach a folder."""


class StartFailedError(PostgresError):
    """The server ended, or fell silent, before it accepted connections."""


class DumpFailedError(PostgresError):
    """pg_dump or pg_restore failed; the message is the end of what it said."""
