"""A trigger on every month of the events."""

from typing import ClassVar

from django.db import migrations

_LOOK = """
CREATE FUNCTION next_look() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE TRIGGER next_look BEFORE INSERT ON events_event FOR EACH ROW EXECUTE FUNCTION next_look();
"""


class Migration(migrations.Migration):
    dependencies: ClassVar = [("nextversion", "0003_an_index"), ("events", "0002_catalogue")]
    operations: ClassVar = [migrations.RunSQL(_LOOK)]
