"""How long to wait before the next try. Pure: the spread comes from a hash, not from chance."""

from datetime import timedelta

from huifang.decisions.buckets import BUCKETS, bucket

TRIES_MAX = 8
_FIRST_SECONDS = 10
_SECONDS_MAX = 1800


def pause(key: str, tries: int, *, retry_after_seconds: int = 0) -> timedelta:
    """The wait after try number *tries* (from 1) of the attempt *key*.

    Doubles from 10 seconds to half an hour; spread over 75 to 125 %, so that a
    provider that comes back does not meet every attempt at once. Never less
    than the provider asked for.
    """
    plain = min(_SECONDS_MAX, _FIRST_SECONDS * 2 ** min(tries - 1, 16))
    share = 0.75 + 0.5 * bucket(f"backoff:{tries}", key) / BUCKETS
    return timedelta(seconds=max(plain * share, retry_after_seconds))
