"""People who work in the console, and what they prefer."""

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
