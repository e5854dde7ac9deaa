"""Stored words of delivery in the reader's language: providers, and what providers said."""

from django.utils.translation import gettext, gettext_noop

from huifang.console.names import named

_PROVIDERS = {
    "smtp": gettext_noop("SMTP server"),
    "mailgun": gettext_noop("Mailgun"),
    "sendgrid": gettext_noop("SendGrid"),
    "postmark": gettext_noop("Postmark"),
    "brevo": gettext_noop("Brevo"),
    "resend": gettext_noop("Resend"),
    "mailjet": gettext_noop("Mailjet"),
    "sparkpost": gettext_noop("SparkPost"),
    "http": gettext_noop("HTTP provider"),
    "twilio": gettext_noop("Twilio"),
    "aliyun": gettext_noop("Aliyun SMS"),
    "tencent": gettext_noop("Tencent Cloud SMS"),
    "smpp": gettext_noop("SMPP (a carrier's SMSC)"),
    "fcm": gettext_noop("Firebase Cloud Messaging"),
    "apns": gettext_noop("Apple Push Notification service"),
    "jpush": gettext_noop("JPush"),
    "inbox": gettext_noop("Inbox of the app"),
    "wechat": gettext_noop("WeChat official account"),
    "wecom": gettext_noop("WeCom"),
    "signed": gettext_noop("Signed webhook"),
    "null": gettext_noop("Nothing is sent (for trials)"),
}
_REASONS = {
    "address_forbidden": gettext_noop("The account points into a private network"),
    "failing": gettext_noop("It took nothing for five days"),
    "gone": gettext_noop("The address wants no more"),
    "no_answer": gettext_noop("The provider did not answer"),
    "worker_lost": gettext_noop("Cut off while it was being sent"),
    "unreachable": gettext_noop("The provider cannot be reached"),
    "throttled": gettext_noop("The provider is busy"),
    "login_refused": gettext_noop("The provider refused the password"),
    "no_tls_for_password": gettext_noop("The provider offers no encryption"),
    "address_invalid": gettext_noop("No valid address"),
    "unknown_number": gettext_noop("The number does not exist"),
    "invalid_number": gettext_noop("The number does not exist"),
    "unassigned": gettext_noop("The number does not exist"),
    "not_mobile": gettext_noop("Not a mobile number"),
    "unsubscribed": gettext_noop("Refused at the provider"),
    "opted_out": gettext_noop("Refused at the provider"),
    "undelivered": gettext_noop("Not delivered"),
    "other_push_service": gettext_noop("No account for this kind of device"),
    "token_invalid": gettext_noop("No valid device token"),
    "UNREGISTERED": gettext_noop("The app is no longer on the device"),
    "Unregistered": gettext_noop("The app is no longer on the device"),
    "suppressed_by_provider": gettext_noop("The provider no longer writes to this address"),
    "account_unusable": gettext_noop("The account cannot be used as it is"),
    "no_template": gettext_noop("The provider has approved no template for this text"),
    "answer_unreadable": gettext_noop("The provider's answer cannot be read"),
}
_REASONS_OF_RECEIVERS = {  # where the other side is a program of the operator's own
    "no_answer": gettext_noop("The receiver did not answer"),
    "unreachable": gettext_noop("The receiver cannot be reached"),
}
_MISSING = "missing:"


def provider(code: str) -> str:
    """The name of a provider."""
    return gettext(_PROVIDERS[code]) if code in _PROVIDERS else code


def reason_of_receiver(code: str) -> str:
    """What *code*, the reason why a webhook did not take a message, says."""
    if code in _REASONS_OF_RECEIVERS:
        return gettext(_REASONS_OF_RECEIVERS[code])
    if code.startswith("http_"):
        return gettext("The receiver answered {number}").format(number=code.removeprefix("http_"))
    return reason(code)


def reason(code: str) -> str:
    """What *code*, the reason of an attempt, says; a provider's own number is given as it is."""
    if code in _REASONS:
        return gettext(_REASONS[code])
    if code.startswith(_MISSING):
        return gettext("The template needs {placeholder}").format(placeholder=code.removeprefix(_MISSING))
    kind, _, number = code.partition("_")
    if kind in ("http", "smtp") and number.isdigit():
        return gettext("The provider answered {number}").format(number=number)
    if code.isdigit():
        return gettext("The provider's error {number}").format(number=code)
    return named("reason", code)
