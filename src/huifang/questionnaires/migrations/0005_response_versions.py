"""Each response knows its version by itself: open and anonymous ones come by no invitation."""

from django.db import migrations

FILL = """
UPDATE questionnaires_response AS response SET version_id = invitation.version_id
FROM questionnaires_invitation AS invitation
WHERE invitation.id = response.invitation_id AND response.version_id IS NULL
"""


class Migration(migrations.Migration):

    dependencies = [
        ('questionnaires', '0004_kinds_links_ballots'),
    ]

    operations = [
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
    ]
