"""Django's settings, read once from the typed table in `kernel.env`."""

import base64
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import csp.constants
from django.utils.translation import gettext_lazy

from huifang.customers.settings import IMPORT_MEGABYTES_MAX
from huifang.kernel import connections, env, logs, texts, vault

DEBUG = env.boolean(
    "HUIFANG_DEBUG", default=False, help="Show errors in full. Never where customers can reach it."
)
IS_DEMO = env.boolean("HUIFANG_DEMO", default=False, help="A demo wallet: one-click sign-in, the demo phone.")
DATA_DIR = env.path(
    "HUIFANG_DATA_DIR", default=".huifang", help="Folder of everything that one machine keeps."
)
PUBLIC_URL = env.text(
    "HUIFANG_PUBLIC_URL",
    default="http://127.0.0.1:8000",
    help="Where customers reach this server; used in links.",
).rstrip("/")
WALLET_NAMES = {
    "en": env.text("HUIFANG_WALLET_NAME", default="Huifang", help="The wallet's name, shown to customers."),
    "zh-Hans": env.text("HUIFANG_WALLET_NAME_ZH", help="The same in Chinese. Empty: as the name above."),
}
ALLOWED_HOSTS = env.words(
    "HUIFANG_ALLOWED_HOSTS", default="127.0.0.1,localhost,[::1]", help="Host names served."
)
SECURE = PUBLIC_URL.startswith("https://")
CSRF_TRUSTED_ORIGINS = env.words(
    "HUIFANG_TRUSTED_ORIGINS",
    default=f"https://{urlsplit(PUBLIC_URL).netloc}" if SECURE else "",
    help="Origins behind a proxy that may post forms; by default that of HUIFANG_PUBLIC_URL.",
)
TRUSTED_PROXIES = env.networks(
    "HUIFANG_TRUSTED_PROXIES",
    help=(
        "Networks (10.0.0.0/8) or addresses of the proxies in front, whose X-Forwarded-For is believed. "
        "Empty: nobody's, and all who come through a proxy count as one."
    ),
)
STAFF_TIME_ZONE = env.text(
    "HUIFANG_TIME_ZONE",
    default="Asia/Shanghai",
    help="IANA time zone in which staff see times unless they choose their own.",
)
METRICS_TOKEN = env.text(
    "HUIFANG_METRICS_TOKEN", help="Bearer token for /metrics; without it only this machine may read them."
)


DATABASE_CONNECTIONS_MAX = env.integer(
    "DATABASE_CONNECTIONS_MAX", default=16, help="Connections that one process keeps to PostgreSQL."
)


def database(url: str) -> dict[str, Any]:
    """Django's settings of the PostgreSQL server at *url* (also ``?host=/socket/folder``)."""
    parts = urlsplit(url)
    query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")) or "huifang",
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": query.pop("host", "") or unquote(parts.hostname or ""),
        "PORT": query.pop("port", "") or str(parts.port or ""),
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {
            **query,
            "pool": {
                "min_size": 1,
                "max_size": DATABASE_CONNECTIONS_MAX,
                "timeout": 10,
                "connection_class": connections.Connection,
            },
        },
    }


DATABASE_URL = env.text(
    "DATABASE_URL", help="Your own PostgreSQL server; without it an embedded one is started."
)
DATABASES = {"default": database(DATABASE_URL or "postgresql:///huifang")}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"


def _secret_key() -> str:
    try:
        return base64.b64encode(vault.derive(vault.keyring().oldest, "django")).decode()
    except vault.VaultError:
        return ""


SECRET_KEY = _secret_key() or "no-key-yet"  # replaced at start; `huifang doctor` and a system check say so
ROOMS = [
    "demo",
    "insights",
    "plans",
    "questionnaires",
    "delivery",
    "customers",
    "textanalysis",
    "events",
    "api",
    "console",
    "kernel",
]
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.contrib.postgres",
    # Before allauth: our templates take the place of its own.
    *(f"huifang.{room}" for room in ROOMS),
    "huifang.public",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "axes",
    "csp",
    "django_htmx",
    "django_cotton.apps.SimpleAppConfig",
    "template_partials.apps.SimpleAppConfig",
    "pgtrigger",
    "procrastinate.contrib.django",
    "ninja",
    "huifang.config.apps.ConfigConfig",
]
AUTH_USER_MODEL = "console.Person"
MIDDLEWARE = [
    "huifang.config.doors.AddressMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "huifang.console.middleware.HealthMiddleware",
    "huifang.config.tracing.RequestMiddleware",
    "huifang.config.metrics.MetricsMiddleware",
    "huifang.questionnaires.short_way.ShortWayMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "huifang.console.middleware.LanguageMiddleware",
    "huifang.config.doors.BodyMiddleware",
    "huifang.console.middleware.NulMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "huifang.console.middleware.PersonMiddleware",
    "huifang.console.middleware.SecondFactorMiddleware",
    "huifang.console.middleware.RefusalMiddleware",
    "axes.middleware.AxesMiddleware",
]
ROOT_URLCONF = "huifang.config.urls"
WSGI_APPLICATION = "huifang.config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "huifang.console.context.frame",
            ],
            "loaders": [
                (
                    "template_partials.loader.Loader",
                    [
                        (
                            "django.template.loaders.cached.Loader",
                            [
                                "django_cotton.cotton_loader.Loader",
                                "django.template.loaders.filesystem.Loader",
                                "django.template.loaders.app_directories.Loader",
                            ],
                        )
                    ],
                )
            ],
            "builtins": [
                "django.templatetags.i18n",
                "django_cotton.templatetags.cotton",
                "template_partials.templatetags.partials",
                "huifang.console.templatetags.console",
            ],
        },
    }
]
LANGUAGE_CODE = "en"
LANGUAGES = [("zh-hans", gettext_lazy("Chinese")), ("en", gettext_lazy("English"))]
LOCALE_PATHS = [texts.catalogue_folder()]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"
STATIC_URL = "/static/"
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = DEBUG
WHITENOISE_MAX_AGE = 0 if DEBUG else 365 * 24 * 3600  # addresses carry a hash of the content
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "huifang.console.passwords.LengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_ADAPTER = "huifang.console.accounts.AccountAdapter"
ACCOUNT_EMAIL_NOTIFICATIONS = False
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_SESSION_REMEMBER = False
# Axes counts wrong passwords by person; this bounds a machine, and guesses of a second factor.
ACCOUNT_RATE_LIMITS = {"login_failed": "30/m/ip,12/300s/key"}
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "Huifang"
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_LOGOUT_REDIRECT_URL = "/accounts/login/"
AXES_FAILURE_LIMIT = 8
AXES_COOLOFF_TIME = 0.25
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_USERNAME_CALLABLE = "huifang.console.accounts.tried_name"
AXES_LOCKOUT_CALLABLE = "huifang.console.accounts.locked_out"
AXES_RESET_ON_SUCCESS = True
CSRF_FAILURE_VIEW = "huifang.console.faults.csrf_failed"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SECURE = SECURE
CSRF_COOKIE_SECURE = SECURE
SESSION_COOKIE_AGE = 60 * 60 * 12
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if SECURE else 0
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [csp.constants.NONE],
        "script-src": [csp.constants.SELF],
        "style-src": [csp.constants.SELF],
        "img-src": [csp.constants.SELF, "data:"],
        "connect-src": [csp.constants.SELF],
        "font-src": [csp.constants.SELF],
        "form-action": [csp.constants.SELF],
        "base-uri": [csp.constants.NONE],
        "frame-ancestors": [csp.constants.NONE],
    }
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
UPLOAD_BYTES_MAX = (IMPORT_MEGABYTES_MAX + 1) * 1024 * 1024  # the largest file, and the form around it
EMAIL_URL = env.text(
    "EMAIL_URL", help="SMTP server for mail: smtp://user:password@host:port, smtps:// for TLS."
)
_mail = urlsplit(EMAIL_URL)
EMAIL_BACKEND = f"django.core.mail.backends.{'smtp' if EMAIL_URL else 'dummy'}.EmailBackend"
EMAIL_HOST, EMAIL_PORT = _mail.hostname or "localhost", _mail.port or 25
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = unquote(_mail.username or ""), unquote(_mail.password or "")
EMAIL_USE_SSL = _mail.scheme == "smtps"
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env.text(
    "HUIFANG_STAFF_MAIL_FROM",
    default="huifang@localhost",
    help="Sender of mail to staff, such as links to set a new password.",
)
SILENCED_SYSTEM_CHECKS = ["axes.W004", "auth.W004"]  # e-mails are unique whatever their case
LOGGING = logs.configuration()
