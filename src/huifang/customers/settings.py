"""The settings of the customers room. No Django."""

from huifang.kernel import env

DEFAULT_COUNTRY = env.text(
    "HUIFANG_DEFAULT_COUNTRY",
    default="CN",
    help="Country (ISO 3166) of phone numbers that name none and of customers without a country.",
)
GATEWAY_URL = env.text(
    "HUIFANG_GATEWAY_URL",
    default="http://127.0.0.1:8001",
    help="Where the wallet reaches the gateway; shown in examples.",
)
