"""What can be done with plans: write, put live, pause, end, rehearse; and what they do when others speak."""

from huifang.plans.approvals import approve, decline
from huifang.plans.approvals import ask as ask_approval
from huifang.plans.coupons import upload as upload_codes
from huifang.plans.dispatcher import retry as retry_enrolment
from huifang.plans.entering import retry as retry_cause
from huifang.plans.happenings import enrol
from huifang.plans.lifecycle import (
    activate,
    copy,
    create,
    discard_draft,
    end,
    new_draft,
    pause,
    resume,
    save_draft,
    write_draft,
)
from huifang.plans.lists import add as add_to_list
from huifang.plans.lists import clear as clear_list
from huifang.plans.lists import remove as remove_from_list
from huifang.plans.merging import customers_merged
from huifang.plans.outcomes import note_attempt, note_refusal, note_response
from huifang.plans.ready import create_from as create_from_pack
from huifang.plans.ready import install as install_pack
from huifang.plans.ready import install_one
from huifang.plans.ready import restore as restore_ready
from huifang.plans.rehearsals import rehearse
from huifang.plans.rehearsals import request as request_rehearsal
from huifang.plans.restoring import note_restored
from huifang.plans.rewards import restore as restore_reward
from huifang.plans.rewards import reveal_lot
from huifang.plans.rewards import void as void_reward
from huifang.plans.runner import retry as retry_event

__all__ = [
    "activate",
    "add_to_list",
    "approve",
    "ask_approval",
    "clear_list",
    "copy",
    "create",
    "create_from_pack",
    "customers_merged",
    "decline",
    "discard_draft",
    "end",
    "enrol",
    "install_one",
    "install_pack",
    "new_draft",
    "note_attempt",
    "note_refusal",
    "note_response",
    "note_restored",
    "pause",
    "rehearse",
    "remove_from_list",
    "request_rehearsal",
    "restore_ready",
    "restore_reward",
    "resume",
    "retry_cause",
    "retry_enrolment",
    "retry_event",
    "reveal_lot",
    "save_draft",
    "upload_codes",
    "void_reward",
    "write_draft",
]
