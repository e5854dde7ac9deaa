"""``huifang migrate``: brings the schema of the database up to date."""

import argparse
from typing import Any

from huifang.cli import database, output
from huifang.cli.installation import Installation


def add(commands: Any, shared: argparse.ArgumentParser) -> None:
    """Add the command."""
    parser = commands.add_parser("migrate", parents=[shared], help="bring the database's schema up to date")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Apply what is not applied yet and say how much that was."""
    with database.django(Installation(arguments.data_dir), purpose="migrate"):
        from django.db import connection
        from django.db.migrations.executor import MigrationExecutor

        executor = MigrationExecutor(connection)
        steps = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
        database.migrate()
    output.line(f"Applied {steps} migrations." if steps else "The schema is up to date.")
    return 0
