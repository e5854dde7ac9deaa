"""The policy as JSON reads back as itself."""

import json

from huifang.decisions.policy import DEFAULT_POLICY
from huifang.delivery import policies


def test_a_policy_survives_json() -> None:
    assert policies.decode(json.loads(json.dumps(policies.encode(DEFAULT_POLICY)))) == DEFAULT_POLICY
