"""The ``huifang`` command: one module a group of subcommands; refusals become one line and exit code 2."""

import argparse
import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from huifang.cli import (
    agents,
    backup,
    consent,
    demo,
    doctor,
    facts,
    imports,
    keys,
    migrate,
    output,
    people,
    rehearse,
    serve,
    stream,
    texts,
    up,
    work,
)
from huifang.kernel.env import SettingError
from huifang.kernel.postgres.errors import PostgresError
from huifang.kernel.refusals import Refusal
from huifang.kernel.vault import VaultError

_GROUPS = (
    up,
    doctor,
    people,
    keys,
    consent,
    imports,
    rehearse,
    facts,
    texts,
    migrate,
    serve,
    stream,
    work,
    backup,
    agents,
    demo,
)
_REFUSED, _INTERRUPTED = 2, 130


def parser() -> argparse.ArgumentParser:
    """The parser of the whole command line."""
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument(
        "--data-dir",
        type=_folder,
        default=_folder(os.environ.get("HUIFANG_DATA_DIR") or ".huifang"),
        help="folder of everything that this installation keeps (default: .huifang)",
    )
    whole = argparse.ArgumentParser(prog="huifang", description="Customer follow-up for digital wallets.")
    commands = whole.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for group in _GROUPS:
        group.add(commands, shared)
    return whole


def command_names() -> dict[str, argparse.ArgumentParser]:
    """Every command with its own parser, for the reference page; groups give "group act"."""
    return dict(_commands_of(parser(), ""))


def _commands_of(
    whole: argparse.ArgumentParser, prefix: str
) -> Iterator[tuple[str, argparse.ArgumentParser]]:
    actions = [each for each in whole._actions if isinstance(each, argparse._SubParsersAction)]
    if not actions and prefix:
        yield prefix.strip(), whole
    for action in actions:
        for name, inner in action.choices.items():
            yield from _commands_of(inner, f"{prefix} {name}")


def _folder(text: str) -> Path:
    return Path(text).expanduser().absolute()


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns its exit code."""
    arguments = parser().parse_args(argv)
    try:
        code = arguments.run(arguments)
    except (Refusal, PostgresError, SettingError, VaultError) as refusal:
        output.complaint(str(refusal))
        return _REFUSED
    except KeyboardInterrupt:
        return _INTERRUPTED
    assert isinstance(code, int)
    return code


if __name__ == "__main__":
    sys.exit(main())
