"""The same for a table that customers write to."""

from typing import ClassVar

from django.db import migrations, models
from tests.integration.nextversion.elsewhere import Elsewhere

NOTE = models.TextField(blank=True, default="", db_default="")


class Migration(migrations.Migration):
    dependencies: ClassVar = [
        ("nextversion", "0001_attempts"),
        ("questionnaires", "0007_widget_sites_replies"),
    ]
    operations: ClassVar = [Elsewhere("questionnaires", migrations.AddField("answer", "next_note", NOTE))]
