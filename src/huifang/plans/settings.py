"""What an installation decides about its plans once."""

from huifang.kernel import env

NEED_APPROVAL = env.boolean(
    "HUIFANG_PLANS_NEED_APPROVAL",
    default=False,
    help="Whether every plan needs the approval of a second person before it goes live.",
)
KEEP_DAYS = env.integer(
    "HUIFANG_KEEP_DECISIONS_DAYS",
    default=1095,
    help="Days for which stored decisions and ended follow-ups are kept; 0 keeps them for good.",
)
REHEARSAL_PROCESSES = env.integer(
    "HUIFANG_REHEARSAL_PROCESSES",
    default=0,
    help="Among how many processes a long rehearsal is divided. They give way to all else, and take up to"
    " 500 MB each; 0: one a core, four at most.",
)
