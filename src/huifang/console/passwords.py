"""How long a password is at least, said in the reader's language."""

from django.contrib.auth.password_validation import MinimumLengthValidator
from django.utils.translation import gettext


class LengthValidator(MinimumLengthValidator):
    """As Django's; of Django's own sentence there is no Chinese, for its catalogue holds an older wording."""

    def get_error_message(self) -> str:
        """What is said of a password that is too short."""
        return gettext("The password needs {number} characters or more.").format(number=self.min_length)

    def get_help_text(self) -> str:
        """What is said beside a password that is yet to be written; of the names, another rule sees to it."""
        text = gettext("{number} characters or more, and not much like your name or e-mail address.")
        return text.format(number=self.min_length)
