"""Topics are counted from an index alone."""

from django.db import migrations, models

from huifang.kernel.online import AddIndexOnline


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("textanalysis", "0003_merged_rows"),
    ]

    operations = [
        AddIndexOnline(
            model_name="finding",
            index=models.Index(
                fields=["at"],
                include=["id", "topics", "sentiment", "state", "found_at"],
                name="textanalysis_text_counted",
            ),
        ),
    ]
