"""Whether a program opened a link, so that no person is counted for it. In doubt it was a person. Pure."""

from collections.abc import Mapping

# Scanners of mail, previews of messengers and crawlers, by a piece of what they call themselves.
_MACHINES = (
    "bot",
    "crawler",
    "spider",
    "preview",
    "scanner",
    "prefetch",
    "facebookexternalhit",
    "whatsapp/",
    "slack-imgproxy",
    "mimecast",
    "barracuda",
    "proofpoint",
    "safelinks",
    "ms-office",
    "microsoft office",
    "googleimageproxy",
    "yahoomailproxy",
    "urlscan",
    "headlesschrome",
    "phantomjs",
    "curl/",
    "wget/",
    "python-requests",
    "go-http-client",
    "okhttp/0",
    "mqqbrowser-urlsec",
    "tencent-urlsec",
)
_PREFETCH = ("purpose", "sec-purpose", "x-purpose", "x-moz")


def is_machine(method: str, headers: Mapping[str, str]) -> bool:
    """Whether a request was no person's, by its *method* and *headers* (names in lower case)."""
    if method != "GET":
        return True
    if any(mark in headers.get(name, "").lower() for name in _PREFETCH for mark in ("prefetch", "preview")):
        return True
    agent = headers.get("user-agent", "").lower()
    return not agent or any(mark in agent for mark in _MACHINES)
