"""Why a version was put in use, or was not."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("textanalysis", "0004_counted_texts"),
    ]

    operations = [
        migrations.AddField(
            model_name="learntmodel",
            name="verdict",
            field=models.TextField(blank=True, db_default=""),
        ),
    ]
