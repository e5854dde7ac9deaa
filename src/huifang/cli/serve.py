"""The commands that serve HTTP: ``huifang web`` and ``huifang gateway``, each under granian."""

import argparse
from typing import Any

from huifang.cli import database
from huifang.cli.installation import Installation
from huifang.kernel import processes

_KILL_SECONDS = 10
_BACKLOG = 2048


def add(commands: Any, shared: argparse.ArgumentParser) -> None:
    """Add the commands."""
    web = commands.add_parser("web", parents=[shared], help="serve the console, public pages and HTTP API")
    _add_address(web, port=8000)
    web.set_defaults(run=run_web)
    gateway = commands.add_parser("gateway", parents=[shared], help="serve the ingestion of events")
    _add_address(gateway, port=8001)
    gateway.set_defaults(run=run_gateway)


def _add_address(parser: argparse.ArgumentParser, *, port: int) -> None:
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: 127.0.0.1)")
    parser.add_argument("--port", type=int, default=port, help=f"port to listen on (default: {port})")


def run_web(arguments: argparse.Namespace) -> int:
    """Serve until told to stop."""
    from huifang.cli import settings

    target = "huifang.config.wsgi:application"
    threads = settings.WEB_THREADS
    _serve(arguments, target, "wsgi", workers=settings.WEB_WORKERS, blocking_threads=threads)
    return 0


def run_gateway(arguments: argparse.Namespace) -> int:
    """Serve until told to stop."""
    from huifang.cli import settings

    _serve(arguments, "huifang.config.gateway:app", "asgi", workers=settings.GATEWAY_WORKERS)
    return 0


def _serve(arguments: argparse.Namespace, target: str, interface: str, **options: Any) -> None:
    from granian import Granian
    from granian.constants import Interfaces

    database.join(Installation(arguments.data_dir))
    server: Any = Granian(
        target,
        address=arguments.host,
        port=arguments.port,
        interface=Interfaces(interface),
        backlog=_BACKLOG,
        websockets=False,
        workers_kill_timeout=_KILL_SECONDS,
        respawn_failed_workers=True,
        **options,
    )
    server.serve(target_loader=load)


def load(target: str) -> Any:
    """Load the application in a worker of granian's, and bind that worker's life to its parent's."""
    from granian._internal import load_target

    processes.die_with_parent()
    application = load_target(target)
    processes.collect_seldom()
    return application
