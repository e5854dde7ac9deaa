"""A trigger that takes the place of another."""

from typing import ClassVar

from django.db import migrations

_SWAP = """
CREATE TRIGGER next_look BEFORE UPDATE ON plans_enrolment FOR EACH ROW EXECUTE FUNCTION next_look();
DROP TRIGGER next_look ON plans_enrolment;
CREATE TRIGGER next_look BEFORE UPDATE ON plans_enrolment FOR EACH ROW EXECUTE FUNCTION next_look();
"""


class Migration(migrations.Migration):
    dependencies: ClassVar = [("nextversion", "0004_events")]
    operations: ClassVar = [migrations.RunSQL(_SWAP)]
