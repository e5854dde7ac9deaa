"""A migration leaves the version that runs at work: it only adds, waits for one table at a time, and says
why where it does more.

The schema of the first release is made in one go on an empty database; the rule is for what comes after.
"""

import importlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import migrations, models
from django.db.migrations.operations.base import Operation

import huifang
from huifang.kernel.online import AddIndexOnline

# Up to here the schema of the first release. Never moved before that release is out.
FIRST_RELEASE = {
    "api": "0001_initial",
    "console": "0002_people_and_views",
    "customers": "0005_merge_proposals",
    "delivery": "0007_quicker_slots",
    "demo": "0002_leave_link",
    "events": "0002_catalogue",
    "insights": "0002_stale_since",
    "kernel": "0001_initial",
    "plans": "0002_full_width",
    "questionnaires": "0007_widget_sites_replies",
    "textanalysis": "0003_merged_rows",
}
# What the version that runs may still read or write, or what rewrites or scans a whole table under a lock.
_NEVER = {
    "RemoveField": "the version that runs still names it; stop using it first, drop it a version later",
    "RenameField": "the version that runs knows the old name; add the new one beside it",
    "RenameModel": "the version that runs knows the old name",
    "DeleteModel": "the version that runs still uses it; drop it a version later",
    "AlterField": "may rewrite the table under a lock, or refuse what the version that runs writes",
    "AlterModelTable": "the version that runs knows the old name",
    "AddConstraint": "looks at every row under a lock; add it NOT VALID, validate it in a migration after",
    "AddIndex": "holds up every writer; use AddIndexOnline",
    "RunSQL": "nobody sees what it locks",
    "RunPython": "nobody sees what it locks, or for how long",
}
_STATE_ONLY = {"AlterModelOptions", "AlterModelManagers", "CreateModel"}


def complaints(migration: type[migrations.Migration] | migrations.Migration) -> Iterator[str]:
    """Why *migration* may harm a product that runs. A migration's `online` (a text) says why it does not."""
    if getattr(migration, "online", ""):
        return
    made: set[str] = set()
    touched: set[str] = set()
    for operation in migration.operations:
        kind = type(operation).__name__
        if isinstance(operation, migrations.CreateModel):
            made.add(operation.name.lower())
        model = str(getattr(operation, "model_name", getattr(operation, "name", ""))).lower()
        if model in made or kind in _STATE_ONLY:
            continue
        touched.add(model)
        if kind in _NEVER:
            yield f"{kind} {model}: {_NEVER[kind]}"
        yield from _of_field(operation, model)
        if isinstance(operation, AddIndexOnline) and migration.atomic:
            yield f"{kind} {model}: needs atomic = False"
    if len(touched) > 1:
        yield f"changes {', '.join(sorted(touched))}: one table a migration, else deadlocks come"


def _of_field(operation: Operation, model: str) -> Iterator[str]:
    if isinstance(operation, migrations.AddField):
        field = operation.field
        is_filled = field.null or field.many_to_many or field.db_default is not models.NOT_PROVIDED
        if not is_filled:
            yield f"AddField {model}.{operation.name}: what runs writes rows without it; give db_default"


def later() -> Iterator[tuple[str, migrations.Migration]]:
    """Every migration after those of the first release."""
    for folder in sorted(Path(huifang.__file__).parent.glob("*/migrations")):
        room = folder.parent.name
        for file in sorted(folder.glob("[0-9]*.py")):
            if file.stem > FIRST_RELEASE.get(room, ""):
                module = importlib.import_module(f"huifang.{room}.migrations.{file.stem}")
                yield f"{room}.{file.stem}", module.Migration(file.stem, room)


def test_every_later_migration_leaves_the_running_version_at_work() -> None:
    wrong = {name: said for name, each in later() if (said := list(complaints(each)))}
    assert not wrong, wrong


def test_the_first_release_is_what_it_says() -> None:
    for room, name in FIRST_RELEASE.items():
        assert importlib.import_module(f"huifang.{room}.migrations.{name}")


TEXT = models.TextField()


@pytest.mark.parametrize(
    ("operation", "complaint"),
    [
        (migrations.RemoveField("attempt", "label"), "RemoveField"),
        (migrations.AlterField("attempt", "label", TEXT), "AlterField"),
        (migrations.AddField("attempt", "note", models.TextField(default="")), "db_default"),
        (migrations.AddIndex("attempt", models.Index(fields=["label"], name="x")), "AddIndexOnline"),
        (AddIndexOnline("attempt", models.Index(fields=["label"], name="x")), "atomic"),
        (migrations.RunSQL("SELECT 1"), "RunSQL"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Operation) else value,
)
def test_what_would_harm_is_complained_of(operation: Operation, complaint: str) -> None:
    made = type("Migration", (migrations.Migration,), {"operations": [operation]})
    assert complaint in " ".join(complaints(made))
    explained = type("Migration", (migrations.Migration,), {"operations": [operation], "online": "because"})
    assert not list(complaints(explained))


def test_what_only_adds_is_no_harm() -> None:
    operations = [
        migrations.CreateModel("Note", [("id", models.BigAutoField(primary_key=True))]),
        migrations.AddIndex("note", models.Index(fields=["id"], name="x")),
        migrations.AddField("attempt", "note", models.TextField(db_default="")),
        migrations.AddField("attempt", "seen", models.DateTimeField(null=True)),
    ]
    assert not list(complaints(type("Migration", (migrations.Migration,), {"operations": operations})))


def test_two_tables_in_one_migration_are_complained_of() -> None:
    field = models.TextField(db_default="")
    operations = [migrations.AddField("attempt", "note", field), migrations.AddField("slot", "note", field)]
    assert list(complaints(type("Migration", (migrations.Migration,), {"operations": operations})))
