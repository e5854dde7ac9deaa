"""Tables of Insights: which files of facts are to be read, and how far each topic has been written."""

from typing import ClassVar

from django.db import models


class Segment(models.Model):
    """One Parquet file of facts. It is read from the commit of this row until *retired_at*.

    Its facts happened from *first_day* to *last_day* (UTC) and came from rows *first_id* to *last_id*;
    *open_rows* of them may still change; *is_stale*: some have, none of them before *stale_at*.
    """

    topic = models.TextField()
    file = models.TextField(unique=True)
    first_day = models.DateField()
    last_day = models.DateField()
    first_id = models.BigIntegerField()
    last_id = models.BigIntegerField()
    rows = models.BigIntegerField()
    open_rows = models.BigIntegerField(default=0)
    bytes = models.BigIntegerField()
    is_stale = models.BooleanField(default=False)
    stale_at = models.DateTimeField(null=True)
    written_at = models.DateTimeField()
    retired_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=["topic", "first_day"],
                name="insights_segment_live",
                condition=models.Q(retired_at=None),
            )
        ]

    def __str__(self) -> str:
        return self.file


class TopicState(models.Model):
    """How far one topic has been written.

    *cursor* is the last row written; *noted* the last row there was at an instant, read once all
    transactions of that instant have ended. *as_of*: all that was committed by then is in the files.
    *rests_until*: real seconds since 1970: writing costs real time, also where the demo compresses it.
    """

    topic = models.TextField(primary_key=True)
    cursor = models.JSONField(default=dict)
    noted = models.JSONField(default=dict)
    as_of = models.DateTimeField(null=True)
    changes_since = models.DateTimeField(null=True)
    rests_until = models.FloatField(default=0)

    def __str__(self) -> str:
        return self.topic
