from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("demo", "0001_initial")]
    operations = [migrations.AddField("received", "leave_link", models.TextField(blank=True, default=""), preserve_default=False)]
