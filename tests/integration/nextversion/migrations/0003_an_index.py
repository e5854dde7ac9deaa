"""An index on a table that is written to all the time."""

from typing import ClassVar

from django.db import migrations, models
from tests.integration.nextversion.elsewhere import Elsewhere

from huifang.kernel.online import AddIndexOnline

INDEX = models.Index(fields=["message_id"], name="next_decision_message")


class Migration(migrations.Migration):
    atomic = False
    dependencies: ClassVar = [("nextversion", "0002_answers"), ("plans", "0002_full_width")]
    operations: ClassVar = [Elsewhere("plans", AddIndexOnline("decision", INDEX))]
