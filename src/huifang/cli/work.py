"""``huifang worker``: plans, deliveries, facts and jobs, in one program; any number of copies may run."""

import argparse
import os
import signal
import threading
from pathlib import Path
from typing import Any

from huifang.cli import database, output
from huifang.cli.installation import Installation
from huifang.kernel import processes

READY_FILE = "HUIFANG_READY_FILE"
_CHECK_SECONDS = 1.0


def add(commands: Any, shared: argparse.ArgumentParser) -> None:
    """Add the command."""
    parser = commands.add_parser("worker", parents=[shared], help="run plans, deliveries and jobs")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Work until told to stop. Ends with 1 where a thread died or the clock jumped, to be started anew."""
    database.join(Installation(arguments.data_dir))
    database.set_up()
    from django.utils.module_loading import autodiscover_modules

    from huifang.kernel.worker import Worker

    autodiscover_modules("tasks")
    told = threading.Event()
    for each in (signal.SIGTERM, signal.SIGINT):
        signal.signal(each, lambda *_: told.set())
    processes.collect_seldom()
    worker = Worker()
    worker.start()
    _say_ready()
    while not told.wait(_CHECK_SECONDS):
        if not worker.is_healthy():
            output.complaint("a thread of the worker died, or the clock jumped; the worker ends")
            break
    worker.stop()
    return 0 if told.is_set() else 1


def _say_ready() -> None:
    file = os.environ.get(READY_FILE)
    if file:
        Path(file).write_text(f"{os.getpid()}\n", encoding="ascii")
