"""The screen of replies that answered nothing: somebody wrote, and a person should read it."""

from django.http import HttpResponse
from django.shortcuts import render

from huifang.console.screens import Request, screen
from huifang.questionnaires import replies

PAGE = 50
_DIGITS_MAX = 18


@screen(permission="feedback.view")
def left_replies(request: Request) -> HttpResponse:
    """Newest first, a page at a time."""
    asked = request.GET.get("before", "")
    is_number = asked.isascii() and asked.isdigit() and len(asked) <= _DIGITS_MAX
    found = replies.left(limit=PAGE + 1, before=int(asked) if is_number else None)
    more = found[PAGE - 1].reply_id if len(found) > PAGE else None
    return render(request, "questionnaires/replies.html", {"replies": found[:PAGE], "more": more})
