"""Plans over HTTP: what a key may do, what comes back, what is refused."""

import json
from datetime import timedelta
from itertools import count

import pytest
from django.test import Client
from tests.integration.plans.makers import START, customer, definition, insert_event, live
from tools import messages

from huifang.api.services import create_key
from huifang.kernel import clock
from huifang.plans.rehearsals import run
from huifang.plans.rules import write_definition

pytestmark = pytest.mark.django_db
NOW = START + timedelta(days=3)
_numbers = count()


@pytest.fixture(autouse=True)
def _clock(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(clock, "now", lambda: NOW)


def _ask(role: str, method: str, path: str, body: object = None, *, language: str = "en"):
    key = create_key(name=f"{role}-{method}-{path}-{next(_numbers)}", role=role, by="test", now=NOW)
    reply = Client().generic(
        method,
        f"/api/v1/plans{path}",
        json.dumps(body) if body is not None else "",
        content_type="application/json",
        headers={"Authorization": f"Bearer {key}", "Accept-Language": language},
    )
    return reply.status_code, json.loads(reply.content)


def test_a_plan_is_made_written_put_live_paused_and_ended():
    status, made = _ask("operations", "POST", "", {"definition": write_definition(definition())})
    assert (status, made["state"], made["draft_version"]) == (201, "draft", 1)
    path = f"/{made['id']}"
    changed = write_definition(definition(delay="P2D"))
    assert _ask("operations", "PUT", path, {"definition": changed})[1]["definition"]["delay"] == "P2D"
    assert _ask("operations", "POST", f"{path}/activate")[1]["live_version"] == 1
    assert _ask("operations", "POST", f"{path}/pause")[1]["state"] == "paused"
    assert _ask("operations", "POST", f"{path}/resume")[1]["state"] == "active"
    assert _ask("operations", "POST", f"{path}/end")[1]["state"] == "ended"
    assert [each["id"] for each in _ask("operations", "GET", "")[1]] == [made["id"]]


def test_a_rehearsal_is_taken_and_its_result_comes_later():
    plan_id = live()
    customer("lin")
    insert_event("lin", at=START + timedelta(hours=1))
    period = {"start": START.isoformat(), "end": NOW.isoformat()}
    status, taken = _ask("operations", "POST", f"/{plan_id}/rehearsals", period)
    assert (status, taken["state"], taken["result"]) == (202, "queued", None)
    run(rehearsal_id=taken["id"], now=NOW)
    status, done = _ask("operations", "GET", f"/{plan_id}/rehearsals/{taken['id']}")
    assert (status, done["state"], done["result"]["contacted"]) == (200, "done", 1)


def test_a_faulty_plan_is_refused_with_its_faults():
    plan_id = _ask("operations", "POST", "", {"definition": {}})[1]["id"]
    status, problem = _ask("operations", "POST", f"/{plan_id}/activate")
    assert (status, problem["code"]) == (422, "faulty_plan")
    assert "steps_missing" in problem["detail"]


def test_what_is_no_definition_is_refused():
    status, problem = _ask("operations", "POST", "", {"definition": {"delay": "soon"}})
    assert (status, problem["code"]) == (422, "unreadable_plan")
    assert problem["detail"] == "The plan cannot be read: At delay: Write a duration such as P2D or PT36H."


def test_what_is_wrong_is_told_in_the_callers_language():
    messages.compile_all()
    plan = {"definition": {"steps": [{"channel": 5}]}}
    assert _ask("operations", "POST", "", plan, language="zh-CN")[1]["detail"] == (
        "计划读不出来。steps[0].channel：这里应为文字，不能是整数。"
    )
    faults = _ask("operations", "POST", "", {"definition": []}, language="zh-CN")[1]["faults"]
    assert faults == [{"where": "body.body.definition", "what": "这里应为对象。"}]


def test_an_unknown_plan_is_not_found():
    assert _ask("operations", "GET", "/999999")[1]["code"] == "unknown_plan"


@pytest.mark.parametrize(
    ("role", "method", "path"),
    [("agent", "GET", ""), ("developer", "POST", "/1/activate"), ("supervisor", "PUT", "/1")],
)
def test_a_role_that_may_not_is_refused(role: str, method: str, path: str):
    body = {"definition": {}} if method == "PUT" else None
    assert _ask(role, method, path, body)[0] == 403


def test_what_the_console_does_to_drafts_packs_and_lists_a_key_does_too():
    ready = _ask("operations", "GET", "/pack")[1]
    assert len(ready) == 11 and ready[0]["plan_id"] is None
    path = f"/pack/{ready[0]['pack_name']}"
    status, made = _ask("operations", "POST", path, {})
    assert (status, made["state"]) == (201, "draft")
    assert _ask("operations", "POST", f"{path}?again", {})[1]["id"] == made["id"]
    assert _ask("operations", "POST", f"{path}?another", {"is_another": True})[1]["id"] != made["id"]
    assert len(_ask("operations", "POST", "/pack")[1]) == 10
    name = {"en": "Copied", "zh-Hans": "副本"}
    assert _ask("operations", "POST", f"/{made['id']}/copy", {"name": name})[1]["name"] == name
    assert _ask("operations", "POST", f"/{made['id']}/draft/ready")[0] == 200

    plan_id = live()
    assert _ask("operations", "POST", f"/{plan_id}/draft")[1]["draft_version"] == 2
    assert _ask("operations", "DELETE", f"/{plan_id}/draft")[1]["draft_version"] is None
    for each in ("lin", "wu", "zhao"):
        customer(each)
    listed = f"/{plan_id}/customers"
    assert _ask("operations", "POST", listed, {"ids": ["lin", "wu", "zhao", "nobody"]})[1]["added"] == 3
    assert _ask("operations", "GET", listed)[1]["ids"] == ["lin", "wu", "zhao"]
    assert _ask("operations", "POST", f"{listed}/remove", {"ids": ["wu"]})[1] == {"removed": 1}
    assert _ask("operations", "POST", f"{listed}/clear")[1] == {"removed": 2}


def test_a_key_says_no_to_a_draft_but_never_yes():
    plan_id = _ask(
        "operations", "POST", "", {"definition": write_definition(definition(needs_approval=True))}
    )[1]["id"]
    assert _ask("operations", "POST", f"/{plan_id}/approval/ask")[1]["asked_by"].startswith("api-key:")
    assert _ask("operations", "POST", f"/{plan_id}/approval/decline", {"note": "No"})[1]["asked_by"] == ""
    key = create_key(name="yes", role="admin", by="test", now=NOW)
    reply = Client().post(f"/api/v1/plans/{plan_id}/approval", headers={"Authorization": f"Bearer {key}"})
    assert reply.status_code in {404, 405}
