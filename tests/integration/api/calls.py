"""A call of each endpoint that gets as far as its permission: an address and a body that are well formed."""

import json
import re
from collections.abc import Iterator
from typing import Any

from huifang.api.frame import api

BODY = {
    "definition": {},
    "name": {"en": "Plain"},
    "slug": "plain",
    "start": "2025-03-01T00:00:00Z",
    "end": "2025-03-02T00:00:00Z",
    "purpose": "marketing",
    "given": True,
}
# Where an endpoint wants what the others do not.
BODIES: dict[str, dict[str, object]] = {
    "webhooks": {"name": "crm", "url": "https://crm.example/", "kinds": ["plan.paused"]},
    "widget-sites": {"name": "App", "origins": ["https://app.example"]},
    "open-links": {"slug": "desk", "questionnaire_id": 1, "fields": {"shop": "1"}},
    "segments": {"name": "Plain", "definition": {}},
    "channel-accounts": {"channel": "sms", "provider": "twilio", "name": "main", "settings": {}, "to": "1"},
    "contact-policy": {"policy": {}},
    "texts": {"texts": [{"key": "a", "text": "Fine"}]},
    "feedback": {"field": "intent", "value": "praise"},
    "write-keys": {"name": "app"},
    "message-templates": {"channel": "sms", "name": "Plain", "subject": {}, "body": {"en": "Hello"}},
}
# What an endpoint wants behind its "?", by the end of its path.
QUERIES = {"/changes": "before=1&after=2", "/correction": "field=intent", "/faq": "question=fees"}
# What stands for a path parameter that is no number.
NAMES = {"external_id": "lin", "gone_id": "ada", "slug": "desk", "channel": "sms"}


def calls() -> Iterator[tuple[str, str, str, str]]:
    """Of each endpoint: method, path as OpenAPI has it, a concrete address, and a body."""
    paths: dict[str, dict[str, Any]] = api.get_openapi_schema()["paths"]
    for path, operations in paths.items():
        address = re.sub(r"\{(\w+)\}", lambda found: NAMES.get(found[1], "1"), path)
        address += "".join(f"?{query}" for end, query in QUERIES.items() if path.endswith(end))
        body = json.dumps(BODIES.get(path.split("/")[3], BODY))
        for method in operations:
            yield method.upper(), path, address, body
