"""The settings of the textanalysis room. No Django."""

from huifang.kernel import env

ENGINE = env.choice(
    "HUIFANG_TEXT_ENGINE",
    choices=("fused", "tfidf", "rules", "llm"),
    default="fused",
    help="How texts are understood: fused (words and meaning), tfidf (words), rules, or llm.",
)
LLM_URL = env.text(
    "HUIFANG_TEXT_LLM_URL",
    help="Address up to /v1 of an endpoint that speaks the OpenAI chat protocol; for the engine llm.",
)
LLM_MODEL = env.text("HUIFANG_TEXT_LLM_MODEL", help="Name of the model that the endpoint is asked for.")
LLM_KEY = env.text("HUIFANG_TEXT_LLM_KEY", help="Key of the endpoint, if it wants one.")
LLM_SECONDS = env.integer(
    "HUIFANG_TEXT_LLM_SECONDS", default=20, help="Seconds that one answer of the endpoint may take."
)
LLM_TOKENS_A_DAY = env.integer(
    "HUIFANG_TEXT_LLM_TOKENS_A_DAY",
    default=200_000,
    help="Tokens that one worker may spend in a day; then the default engine goes on alone.",
)
