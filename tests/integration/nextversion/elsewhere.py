"""Lets the migrations of one app change the tables of another, as the other's own next migration would."""

from typing import Any

from django.db.migrations.operations.base import Operation


class Elsewhere(Operation):
    """*operation*, as if it were a migration of *room*."""

    def __init__(self, room: str, operation: Operation) -> None:
        self.room, self.operation = room, operation
        self.atomic = getattr(operation, "atomic", False)

    def state_forwards(self, app_label: str, state: Any) -> None:
        self.operation.state_forwards(self.room, state)

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        self.operation.database_forwards(self.room, schema_editor, from_state, to_state)
