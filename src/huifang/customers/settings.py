"""The settings of the customers room. No Django."""

from huifang.kernel import env

DEFAULT_COUNTRY = env.text(
    "HUIFANG_DEFAULT_COUNTRY",
    default="CN",
    help="Country (ISO 3166) of phone numbers that name none and of customers without a country.",
)
MERGE_BY_ALIAS = env.choice(
    "HUIFANG_MERGE_BY_ALIAS",
    choices=("ask", "always"),
    default="ask",
    help="Where an alias event names two known customers: ask a person, or merge at once.",
)
GATEWAY_URL = env.text(
    "HUIFANG_GATEWAY_URL",
    default="http://127.0.0.1:8001",
    help="Where the wallet reaches the gateway; shown in examples.",
)
IMPORT_MEGABYTES_MAX = env.integer(
    "HUIFANG_IMPORT_MEGABYTES_MAX",
    default=512,
    help="Largest file that the console takes for an import; the terminal has no limit.",
)
IMPORT_KEPT_DAYS = env.integer(
    "HUIFANG_IMPORT_KEPT_DAYS",
    default=7,
    help="Days after which files of imports, refused rows among them, are deleted from the data folder.",
)
