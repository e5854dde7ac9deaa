"""Ways to look at Feedback that somebody keeps under a name."""

from datetime import datetime

from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from huifang.console.screens import Request, screen
from huifang.kernel import clock
from huifang.questionnaires.models import FeedbackView

VIEWS_MAX = 30


def kept(*, owner: str) -> list[tuple[str, str]]:
    """Name and query of each view of *owner*, by name."""
    return list(FeedbackView.objects.filter(owner=owner).order_by("name").values_list("name", "query"))


def keep(*, owner: str, name: str, query: str, now: datetime) -> None:
    """Keep a view; the same name again takes the new query. Past `VIEWS_MAX` the oldest goes."""
    with transaction.atomic():
        FeedbackView.objects.update_or_create(
            owner=owner, name=name, defaults={"query": query, "made_at": now}
        )
        mine = FeedbackView.objects.filter(owner=owner).order_by("-made_at")
        FeedbackView.objects.filter(pk__in=list(mine.values_list("pk", flat=True)[VIEWS_MAX:])).delete()


@require_POST
@screen(permission="feedback.view")
def keep_view(request: Request) -> HttpResponse:
    """Keep the present filters under a name, or forget a name. A person's own, so it is not audited."""
    owner, query = request.person.actor, request.POST.get("query", "").lstrip("?")[:2000]
    if forgotten := request.POST.get("forget", ""):
        FeedbackView.objects.filter(owner=owner, name=forgotten).delete()
    elif name := request.POST.get("name", "").strip()[:60]:
        keep(owner=owner, name=name, query=query, now=clock.now())
    return redirect(f"{reverse('questionnaires:feedback')}?{query}")
