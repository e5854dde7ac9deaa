"""Brings a command to its database: the operator's own, the running embedded one, or one of its own."""

import contextlib
import os
from collections.abc import Iterator
from functools import partial

from huifang.cli import output
from huifang.cli.errors import DataFolderHeldError, NoDatabaseError
from huifang.cli.installation import Holder, Installation
from huifang.kernel import processes
from huifang.kernel.postgres import server

_WAIT_SECONDS = 60.0


def own_url() -> str:
    """The address of the operator's own server, or ""."""
    return os.environ.get("DATABASE_URL", "")


def join(installation: Installation) -> None:
    """Set this process's environment for a database that must run already. Raises `NoDatabaseError`."""
    installation.prepare()
    url = own_url() or (installation.read_url() if installation.holder() else "")
    if not url:
        raise NoDatabaseError(folder=installation.folder)
    os.environ.update(installation.environment(database_url=url))


@contextlib.contextmanager
def django(installation: Installation, *, purpose: str) -> Iterator[None]:
    """Django, set up on the database, for the length of a block.

    Where nothing runs, the embedded server is started for that long and its schema brought up to date.
    """
    installation.prepare()
    try:
        with _url(installation, purpose) as (url, is_ours):
            os.environ.update(installation.environment(database_url=url))
            set_up()
            if is_ours:
                migrate()
            yield
    finally:
        close_connections()


@contextlib.contextmanager
def alone(installation: Installation, *, purpose: str) -> Iterator[None]:
    """Django on a database that nobody else of this installation uses; its schema is left as it is.

    Raises `DataFolderHeldError` where the product runs.
    """
    installation.prepare()
    with contextlib.ExitStack() as stack:
        stack.callback(close_connections)
        holder = Holder(pid=os.getpid(), purpose=purpose)
        stack.enter_context(installation.held(holder, wait_seconds=_WAIT_SECONDS))
        installation.withdraw()
        url = own_url() or stack.enter_context(server.running(installation.postgres)).url
        os.environ.update(installation.environment(database_url=url))
        set_up()
        yield


def set_up() -> None:
    """Load Django with this process's environment."""
    import django as framework

    framework.setup()


def migrate() -> None:
    """Bring the schema up to date, without a word, while others may go on to work."""
    from django.core.management import call_command

    from huifang.kernel import online

    online.migrate(partial(call_command, "migrate", verbosity=0, interactive=False), say=output.line)


def close_connections() -> None:
    """Give connections back before the server stops; a no-op where Django was not loaded."""
    from django.conf import settings

    if settings.configured:
        from django.db import connections

        connections.close_all()
        for connection in connections.all(initialized_only=True):
            getattr(connection, "close_pool", lambda: None)()


@contextlib.contextmanager
def _url(installation: Installation, purpose: str) -> Iterator[tuple[str, bool]]:
    """The database's address, and whether it runs for this command alone."""
    if own_url():
        yield own_url(), False
        return
    with contextlib.ExitStack() as stack:
        holder = Holder(pid=os.getpid(), purpose=purpose)
        try:
            stack.enter_context(installation.held(holder, wait_seconds=_WAIT_SECONDS))
        except DataFolderHeldError:
            # A product that is only starting has not said yet where its server is.
            if not processes.wait_until(lambda: bool(installation.read_url()), seconds=_WAIT_SECONDS):
                raise
            url = installation.read_url()
        else:
            installation.withdraw()
            url = stack.enter_context(server.running(installation.postgres)).url
            yield url, True
            return
        yield url, False
