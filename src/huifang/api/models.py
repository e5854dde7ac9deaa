"""API keys. Only their hashes are kept."""

from django.db import models


class ApiKey(models.Model):
    """A key of another program, with the permissions of one role."""

    name = models.TextField(unique=True)
    role = models.TextField()
    key_hash = models.BinaryField(max_length=32, unique=True)
    created_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.name
