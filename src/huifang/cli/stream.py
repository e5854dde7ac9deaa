"""``huifang stream``: events from Kafka; any number of copies share the partitions."""

import argparse
import signal
import threading
from typing import Any

from huifang.cli import database
from huifang.cli.installation import Installation
from huifang.kernel import clock


def add(commands: Any, shared: argparse.ArgumentParser) -> None:
    """Add the command."""
    parser = commands.add_parser("stream", parents=[shared], help="take in events from Kafka")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Read until told to stop; what is held then is stored first."""
    database.join(Installation(arguments.data_dir))
    database.set_up()
    from huifang.events import services

    told = threading.Event()
    for each in (signal.SIGTERM, signal.SIGINT):
        signal.signal(each, lambda *_: told.set())
    try:
        services.read_stream(stopping=told, now=clock.now)
    finally:
        database.close_connections()
    return 0
