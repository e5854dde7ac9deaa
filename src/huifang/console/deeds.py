"""The audit log in the reader's words: acts, names of details, and details as one would say them."""

from collections.abc import Mapping

from django.utils.translation import gettext, gettext_noop, pgettext

from huifang.console import names

_CODED = ("channel", "role", "language", "reason")

_ACTS = {
    "alert.dismissed": gettext_noop("alert put aside"),
    "alert.reopened": gettext_noop("alert opened again"),
    "api_key.created": gettext_noop("API key made"),
    "api_key.revoked": gettext_noop("API key ended"),
    "channel_account.saved": gettext_noop("channel account saved"),
    "channel_account.switched_off": gettext_noop("channel account switched off"),
    "channel_account.tried": gettext_noop("trial message sent"),
    "contact_point.retired": gettext_noop("contact point retired"),
    "contact_policy.changed": gettext_noop("contact rules changed"),
    "coupons.uploaded": gettext_noop("coupon codes loaded"),
    "customer.erased": gettext_noop("customer erased"),
    "customer.language_chosen": gettext_noop("language chosen by the customer"),
    "customer.merged": gettext_noop("customers merged"),
    "customer.refusal_lifted": gettext_noop("customer may be contacted again"),
    "customer.refused": gettext_noop("customer left alone"),
    "customer.revealed": gettext_noop("personal data shown in clear"),
    "erasure.requested": gettext_noop("erasure asked for"),
    "event.declared": gettext_noop("event declared"),
    "event.undeclared": gettext_noop("declaration taken back"),
    "event_drift.settled": gettext_noop("change of an event settled"),
    "events.erased": gettext_noop("events erased"),
    "facts.rebuilt": gettext_noop("facts written anew"),
    "faq.retired": gettext_noop("FAQ entry retired"),
    "faq.saved": gettext_noop("FAQ entry saved"),
    "feedback.exported": gettext_noop("feedback exported"),
    "feedback.file_opened": gettext_noop("file of an answer opened"),
    "finding.corrected": gettext_noop("reading corrected"),
    "finding.correction_undone": gettext_noop("correction undone"),
    "findings.exported": gettext_noop("readings exported"),
    "import.removed": gettext_noop("import removed"),
    "import.started": gettext_noop("import started"),
    "import.uploaded": gettext_noop("import uploaded"),
    "library.dropped": gettext_noop("question taken out of the library"),
    "library.kept": gettext_noop("question put into the library"),
    "merge.dismissed": gettext_noop("merge declined"),
    "merge.proposed": gettext_noop("merge proposed"),
    "message_template.saved": gettext_noop("message template saved"),
    "model.activated": gettext_noop("model put to use"),
    "model.asked": gettext_noop("model asked to learn"),
    "model.learnt": gettext_noop("model learnt"),
    "open_link.changed": gettext_noop("open link changed"),
    "open_link.closed": gettext_noop("open link closed"),
    "open_link.made": gettext_noop("open link made"),
    "open_link.opened": gettext_noop("open link opened"),
    "outbox.retried": gettext_noop("parked facts tried again"),
    "person.deactivated": gettext_noop("person switched off"),
    "person.invited": gettext_noop("person invited"),
    "person.link_renewed": gettext_noop("invitation renewed"),
    "person.password_set": gettext_noop("password set"),
    "person.reactivated": gettext_noop("person switched on again"),
    "person.role_changed": gettext_noop("role changed"),
    "person.second_factor_removed": gettext_noop("second factor removed"),
    "plan.activated": gettext_noop("plan put live"),
    "plan.approval_asked": gettext_noop("approval asked for"),
    "plan.approval_withdrawn": gettext_noop("approval taken back"),
    "plan.approved": gettext_noop("plan approved"),
    "plan.created": gettext_noop("plan made"),
    "plan.draft_discarded": gettext_noop("draft of a plan dropped"),
    "plan.draft_saved": gettext_noop("draft of a plan saved"),
    "plan.draft_started": gettext_noop("draft of a plan started"),
    "plan.ended": gettext_noop("plan ended"),
    "plan.list_added": gettext_noop("customers put on the list"),
    "plan.list_cleared": gettext_noop("list emptied"),
    "plan.list_removed": gettext_noop("customers taken off the list"),
    "plan.lot_committed": gettext_noop("lot of rewards sealed"),
    "plan.lot_revealed": gettext_noop("lot of rewards opened"),
    "plan.paused": gettext_noop("plan paused"),
    "plan.resumed": gettext_noop("plan gone on"),
    "questionnaire.archived": gettext_noop("questionnaire archived"),
    "questionnaire.created": gettext_noop("questionnaire made"),
    "questionnaire.draft_discarded": gettext_noop("draft of a questionnaire dropped"),
    "questionnaire.draft_saved": gettext_noop("draft of a questionnaire saved"),
    "questionnaire.published": gettext_noop("questionnaire published"),
    "questionnaire.renamed": gettext_noop("questionnaire renamed"),
    "questionnaire.restored": gettext_noop("questionnaire restored"),
    "questionnaire.undone": gettext_noop("change of a questionnaire undone"),
    "rejected_event.replayed": gettext_noop("rejected event replayed"),
    "rejected_events.replayed": gettext_noop("rejected events replayed"),
    "reward.restored": gettext_noop("reward restored"),
    "reward.voided": gettext_noop("reward made void"),
    "roles.second_factor_changed": gettext_noop("rule of the second factor changed"),
    "segment.archived": gettext_noop("segment archived"),
    "segment.changed": gettext_noop("segment changed"),
    "segment.created": gettext_noop("segment made"),
    "segment.exported": gettext_noop("segment exported"),
    "segment.restored": gettext_noop("segment restored"),
    "segment.undone": gettext_noop("change of a segment undone"),
    "texts.read_again": gettext_noop("texts read again"),
    "topic.added": gettext_noop("topic added"),
    "topic.merged": gettext_noop("topic merged"),
    "topic.parted": gettext_noop("merged topics parted"),
    "topic.phrases_changed": gettext_noop("phrases of a topic changed"),
    "topic.proposal_taken": gettext_noop("proposed topic taken"),
    "topic.proposal_dismissed": gettext_noop("proposed topic put aside"),
    "topic.proposal_reopened": gettext_noop("proposed topic opened again"),
    "topic.renamed": gettext_noop("topic renamed"),
    "topic.restored": gettext_noop("topic restored"),
    "topic.retired": gettext_noop("topic retired"),
    "webhook.deleted": gettext_noop("webhook deleted"),
    "webhook.replayed": gettext_noop("webhook told again"),
    "webhook.saved": gettext_noop("webhook saved"),
    "webhook.secret_rotated": gettext_noop("webhook's secret renewed"),
    "webhook.tried": gettext_noop("test message sent to a webhook"),
    "widget_site.changed": gettext_noop("site of the widget changed"),
    "widget_site.created": gettext_noop("site of the widget made"),
    "widget_site.revoked": gettext_noop("site of the widget ended"),
    "write_key.created": gettext_noop("key for events made"),
    "write_key.revoked": gettext_noop("key for events ended"),
}


def act(action: str) -> str:
    """What *action* says; the action itself where it has no words."""
    return gettext(_ACTS[action]) if action in _ACTS else action


def details(facts: Mapping[str, object]) -> list[tuple[str, str]]:
    """*facts* as names and values to read; those that say nothing are left out."""
    words = _detail_names() | _rule_names()
    return [
        (words.get(name, name), _coded(name, value) or _told(value, words))
        for name, value in facts.items()
        if value is not None and value != [] and value != {} and value != ""
    ]


def _coded(name: str, value: object) -> str:
    """The name of a channel, role, language or reason; "" for everything else."""
    found = names.named(name, value) if name in _CODED and isinstance(value, str) else ""
    return "" if found == value else found


def _told(value: object, words: Mapping[str, str]) -> str:
    if isinstance(value, bool):
        return (
            pgettext("detail of the audit log", "yes") if value else pgettext("detail of the audit log", "no")
        )
    if isinstance(value, Mapping):
        return ", ".join(f"{words.get(str(key), key)} {_told(one, words)}" for key, one in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(_told(one, words) for one in value)
    return words.get(value, value) if isinstance(value, str) else str(value)


def _detail_names() -> dict[str, str]:
    """Names of details."""
    return {
        "version": pgettext("detail of the audit log", "version"),
        "name": pgettext("detail of the audit log", "name"),
        "kind": pgettext("detail of the audit log", "kind"),
        "kinds": pgettext("detail of the audit log", "kinds"),
        "gone": pgettext("detail of the audit log", "given up number"),
        "channel": pgettext("detail of the audit log", "channel"),
        "stored": pgettext("detail of the audit log", "stored"),
        "revision": pgettext("detail of the audit log", "revision"),
        "removed": pgettext("detail of the audit log", "removed"),
        "reason": pgettext("detail of the audit log", "reason"),
        "query": pgettext("detail of the audit log", "filter"),
        "language": pgettext("detail of the audit log", "language"),
        "count": pgettext("detail of the audit log", "number"),
        "tried": pgettext("detail of the audit log", "tried"),
        "topics": pgettext("detail of the audit log", "topics"),
        "topic": pgettext("detail of the audit log", "topic"),
        "texts": pgettext("detail of the audit log", "texts"),
        "strict": pgettext("detail of the audit log", "strict"),
        "source": pgettext("detail of the audit log", "from"),
        "slug": pgettext("detail of the audit log", "short name"),
        "roles": pgettext("detail of the audit log", "roles"),
        "role": pgettext("detail of the audit log", "role"),
        "refused": pgettext("detail of the audit log", "refused"),
        "questionnaire": pgettext("detail of the audit log", "questionnaire"),
        "properties": pgettext("detail of the audit log", "properties"),
        "pool": pgettext("detail of the audit log", "pool"),
        "place": pgettext("detail of the audit log", "place"),
        "origins": pgettext("detail of the audit log", "sites"),
        "key": pgettext("detail of the audit log", "key"),
        "file": pgettext("detail of the audit log", "file"),
        "edited": pgettext("detail of the audit log", "edited"),
        "code": pgettext("detail of the audit log", "code"),
        "before": pgettext("detail of the audit log", "before"),
        "after": pgettext("detail of the audit log", "after"),
        "active": pgettext("detail of the audit log", "in use"),
        "labels": pgettext("detail of the audit log", "labels"),
        "added": pgettext("detail of the audit log", "added"),
        "known": pgettext("detail of the audit log", "there already"),
        "why": pgettext("detail of the audit log", "why"),
        "reward": pgettext("detail of the audit log", "reward"),
        "cost": pgettext("detail of the audit log", "cost"),
        "sha256": pgettext("detail of the audit log", "fingerprint"),
        "changed": pgettext("detail of the audit log", "changed"),
        "restored_from": pgettext("detail of the audit log", "restored from version"),
        "enabled": pgettext("detail of the audit log", "on"),
        "archived": pgettext("detail of the audit log", "archived"),
        "field": pgettext("detail of the audit log", "field"),
        "from": pgettext("detail of the audit log", "from"),
        "to": pgettext("detail of the audit log", "to"),
        "into": pgettext("detail of the audit log", "into"),
        "provider": pgettext("detail of the audit log", "provider"),
    }


def _rule_names() -> dict[str, str]:
    """Names of the parts of the contact rules, which a change of them lists."""
    return {
        "caps": pgettext("detail of the audit log", "contact budget"),
        "hours": pgettext("detail of the audit log", "hours"),
        "calendar": pgettext("detail of the audit log", "calendar"),
        "quiet": pgettext("detail of the audit log", "quiet hours"),
        "working": pgettext("detail of the audit log", "working hours"),
        "global_holdout_basis_points": pgettext("detail of the audit log", "global holdout"),
        "cooldown": pgettext("detail of the audit log", "cooldown"),
    }
