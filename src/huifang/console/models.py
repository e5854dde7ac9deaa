"""People who work in the console, how they are let in, and what they prefer."""

from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models.functions import Lower


class PersonManager(BaseUserManager["Person"]):
    """Finds people by e-mail, whatever its case."""

    def get_by_natural_key(self, username: str | None) -> "Person":
        """The person whose e-mail is *username*."""
        return self.get(email__iexact=username)


class Person(AbstractBaseUser):
    """One person of the staff, with one role."""

    email = models.EmailField()
    name = models.TextField(blank=True)
    role = models.TextField()
    language = models.TextField(blank=True)
    time_zone = models.TextField(blank=True)
    theme = models.TextField(blank=True)
    is_active = models.BooleanField(default=True)
    date_joined = models.DateTimeField()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar = []
    objects: ClassVar[PersonManager] = PersonManager()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(Lower("email"), name="console_person_email")]

    def __str__(self) -> str:
        return self.name or self.email

    @property
    def actor(self) -> str:
        """How the audit log names this person."""
        return f"person:{self.pk}"


class Invitation(models.Model):
    """A link by which one person sets a password, once. Only the hash of its token is kept."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    token_hash = models.BinaryField(max_length=32, unique=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"invitation {self.pk}"


class RoleRule(models.Model):
    """What is asked of everyone in one role."""

    role = models.TextField(unique=True)
    needs_second_factor = models.BooleanField(default=False)

    def __str__(self) -> str:
        return self.role


class SavedView(models.Model):
    """A list as one person wants to find it again: its address and its query."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    path = models.TextField()
    name = models.TextField()
    query = models.TextField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["person", "path", "name"], name="console_saved_view_name")
        ]

    def __str__(self) -> str:
        return self.name
