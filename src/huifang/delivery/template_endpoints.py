"""The API of message templates: list, write, change, and how one would look."""

from dataclasses import asdict
from datetime import datetime

from django.http import HttpRequest
from django.utils.translation import gettext
from ninja import Router, Schema

from huifang.api.frame import require
from huifang.delivery import queries, services
from huifang.delivery.records import TemplateDraft
from huifang.delivery.rules import drafts
from huifang.kernel import clock

router = Router(tags=["message templates"])


class TemplateIn(Schema):
    """A message template as it is wanted; texts by language."""

    channel: str
    name: str
    subject: dict[str, str]
    body: dict[str, str]
    fallback_language: str = "en"
    is_archived: bool = False


class Template(Schema):
    """A message template in its newest version."""

    id: int
    channel: str
    name: str
    version: int
    subject: dict[str, str]
    body: dict[str, str]
    fallback_language: str
    is_archived: bool
    changed_by: str
    changed_at: datetime


class Templates(Schema):
    """Message templates, by channel and name."""

    templates: list[Template]


class Shown(Schema):
    """A template as a customer would read it."""

    language: str
    subject: str
    body: str
    encoding: str
    units: int
    parts: int


class Look(Schema):
    """Something to look at again."""

    code: str
    language: str
    where: str
    text: str


class TemplatePreview(Schema):
    """How a template would look, and what to look at again."""

    previews: list[Shown]
    warnings: list[Look]


@router.get("/message-templates", response=Templates, operation_id="list_message_templates")
def list_message_templates(request: HttpRequest, channel: str = "") -> dict[str, list[dict[str, object]]]:
    """Message templates, of one channel or of all."""
    require("plans.view")(request)
    return {"templates": [asdict(each) for each in queries.message_templates(channel=channel)]}


@router.post("/message-templates", response=Template, operation_id="create_message_template")
def create_message_template(request: HttpRequest, wanted: TemplateIn) -> dict[str, object]:
    """Write a template."""
    require("plans.edit")(request)
    return _save(request, wanted, None)


@router.post("/message-templates/preview", response=TemplatePreview, operation_id="preview_message_template")
def preview_message_template(request: HttpRequest, wanted: TemplateIn) -> dict[str, object]:
    """How a template would look; nothing is kept."""
    require("plans.view")(request)
    found = drafts.check(
        wanted.channel, wanted.subject, wanted.body, fallback_language=wanted.fallback_language
    )
    return {
        "previews": [
            asdict(each) for each in drafts.previews(wanted.channel, wanted.subject, wanted.body, {})
        ],
        "warnings": [
            {
                "code": each.code,
                "language": each.language,
                "where": each.where,
                "text": gettext(drafts.WARNINGS[each.code]).replace("{detail}", each.detail),
            }
            for each in found
        ],
    }


@router.put("/message-templates/{template_id}", response=Template, operation_id="change_message_template")
def change_message_template(request: HttpRequest, template_id: int, wanted: TemplateIn) -> dict[str, object]:
    """Change a template; its texts become a new version."""
    require("plans.edit")(request)
    return _save(request, wanted, template_id)


def _save(request: HttpRequest, wanted: TemplateIn, template_id: int | None) -> dict[str, object]:
    draft = TemplateDraft(
        id=template_id,
        channel=wanted.channel,
        name=wanted.name,
        subject=wanted.subject,
        body=wanted.body,
        fallback_language=wanted.fallback_language,
        is_archived=wanted.is_archived,
    )
    by = str(request.auth)  # type: ignore[attr-defined]
    saved = services.save_template(draft=draft, by=by, now=clock.now())
    return asdict(queries.message_template(template_id=saved[0]))
