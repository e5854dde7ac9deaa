"""A new column with a default of the database, so that the version that runs goes on to write without it."""

from typing import ClassVar

from django.db import migrations, models
from tests.integration.nextversion.elsewhere import Elsewhere

NOTE = models.TextField(blank=True, default="", db_default="")


class Migration(migrations.Migration):
    dependencies: ClassVar = [("delivery", "0007_quicker_slots")]
    operations: ClassVar = [Elsewhere("delivery", migrations.AddField("attempt", "next_note", NOTE))]
