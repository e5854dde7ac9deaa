"""Screens of imports: bring a file, say what its columns are, try it, run it, see what came of it."""

import csv
from collections.abc import Iterator, Mapping
from io import StringIO
from pathlib import Path

from django.http import Http404, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST

from huifang.console.lists import in_readers_language
from huifang.console.screens import Request, screen
from huifang.customers.errors import ImportFileGoneError
from huifang.customers.imports import jobs, kinds, names
from huifang.customers.models import ImportJob
from huifang.kernel import clock
from huifang.kernel.refusals import Refusal

_LISTED = 50
_OPEN = frozenset({"queued", "running"})


@screen(permission="customers.edit")
def import_list(request: Request) -> HttpResponse:
    """Bring a file; and those that were brought."""
    context: dict[str, object] = {"kinds": [(name, names.kind(name)) for name in kinds.names()]}
    if request.method == "POST":
        try:
            job = _take(request)
        except Refusal as refusal:
            context["refusal"] = refusal
        else:
            return HttpResponseRedirect(reverse("customers:import", args=[job.pk]))
    context["jobs"] = ImportJob.objects.order_by("-pk")[:_LISTED]
    return render(
        request, "customers/imports/list.html", context, status=422 if "refusal" in context else 200
    )


def _take(request: Request) -> ImportJob:
    upload = request.FILES.get("file")
    if upload is None:
        raise Http404
    kind = request.POST.get("kind", "")
    encoding = request.POST.get("encoding", "").strip()[:40]
    return jobs.take(upload, kind=kind, by=request.person.actor, now=clock.now(), encoding=encoding)


@screen(permission="customers.edit")
def import_job(request: Request, job_id: int) -> HttpResponse:
    """One file: its columns and first rows, then how far it is, then what came of it."""
    job = jobs.get(job_id)
    if request.method == "POST":
        return _act(request, job)
    if request.htmx:
        answer = render(request, "customers/imports/_progress.html", _progress(job))
        if job.state not in _OPEN:
            answer["HX-Refresh"] = "true"  # the columns stand below again
        return answer
    return _show(request, job)


def _act(request: Request, job: ImportJob) -> HttpResponse:
    act, by, now = request.POST.get("act", ""), request.person.actor, clock.now()
    here = HttpResponseRedirect(reverse("customers:import", args=[job.pk]))
    try:
        if act == "remove":
            jobs.remove(job.pk, by=by, now=now)
            return HttpResponseRedirect(reverse("customers:imports"))
        if act in {"try", "start", "set"}:
            job = _set_up(request, job)
        if act == "try":
            return _show(request, job, tried=jobs.try_out(job.pk, now=now))
        if act in {"start", "again"}:
            jobs.start(job.pk, by=by, now=now)
    except Refusal as refusal:
        return _show(request, job, refusal=refusal)
    return here


def _set_up(request: Request, job: ImportJob) -> ImportJob:
    kind = kinds.kind_named(job.kind)
    encoding = request.POST.get("encoding", "").strip()
    with jobs.called(job.file_name):
        columns, _ = jobs.sample(jobs.path_of(job), encoding=encoding)
    mapping = {
        column: field
        for number, column in enumerate(columns)
        if (field := request.POST.get(f"column-{number}", "")) in {*kind.known, jobs.LEFT_OUT}
    }
    options = {name: request.POST.get(name, "").strip()[:200] for name in (*kind.options, *kind.choices)}
    return jobs.set_up(job.pk, mapping=mapping, options=options, encoding=encoding)


def _show(
    request: Request,
    job: ImportJob,
    *,
    tried: Mapping[str, int] | None = None,
    refusal: Refusal | None = None,
) -> HttpResponse:
    context = _progress(job) | _settings(job) | {"refusal": refusal}
    context |= {"tried": names.told(tried, kind=job.kind) if tried else None}
    if job.state not in _OPEN:
        try:
            context |= _columns(job)
        except ImportFileGoneError as problem:
            # That the file of a finished import is gone is as it should be, and no fault.
            context |= {"refusal": refusal or (None if job.state == "done" else problem)}
        except Refusal as problem:
            context |= {"refusal": refusal or problem}
    return render(request, "customers/imports/job.html", context, status=422 if refusal else 200)


def _settings(job: ImportJob) -> dict[str, object]:
    kind = kinds.kind_named(job.kind)
    return {
        "keeps_others": kind.keeps_others,
        "fields": [(name, names.field(name)) for name in kind.known],
        "options": kind.options,
        "choices": {
            name: [(value, names.choice(value)) for value in values] for name, values in kind.choices.items()
        },
    }


def _columns(job: ImportJob) -> dict[str, object]:
    with jobs.called(job.file_name):
        columns, first = jobs.sample(jobs.path_of(job), encoding=job.options.get("encoding", ""))
    return {
        "columns": [
            (number, column, job.mapping.get(column, ""), [row.get(column, "") for row in first])
            for number, column in enumerate(columns)
        ]
    }


def _progress(job: ImportJob) -> dict[str, object]:
    share = round(100 * job.done_bytes / job.size) if job.size else 0
    return {
        "job": job,
        "share": min(share, 100),
        "is_open": job.state in _OPEN,
        "kind_name": names.kind(job.kind),
        "problem": names.problem(job.problem),
        "counts": names.told(job.counts, kind=job.kind),
        "reasons": [(names.reason(code, kind=job.kind), count) for code, count in job.refusals.items()],
        "has_refused": bool(job.refusals) and jobs.refused_path(job).is_file(),
    }


@require_POST
@screen(permission="customers.edit")
def refused_rows(request: Request, job_id: int) -> HttpResponseBase:
    """The refused rows with their reasons, as a code and in the reader's language, as CSV."""
    job = jobs.get(job_id)
    file = jobs.refused_path(job)
    if not file.is_file():
        raise Http404
    jobs.note_download(job, by=request.person.actor, now=clock.now())
    headers = {"Content-Disposition": f'attachment; filename="{job.pk}.refused.csv"'}
    told = in_readers_language(_explained(file, kind=job.kind))
    return StreamingHttpResponse(told, content_type="text/csv; charset=utf-8", headers=headers)


def _explained(file: Path, *, kind: str) -> Iterator[str]:
    """The lines of *file* with a column more: what the code of the reason means."""
    line = StringIO()
    writer = csv.writer(line)
    means = {"reason": "meaning"}  # the header
    yield "\ufeff"
    with file.open(encoding="utf-8-sig", newline="") as stream:
        for number, code, content in csv.reader(stream):
            meaning = means.setdefault(code, names.reason(code, kind=kind))
            writer.writerow([number, code, meaning, content])
            yield line.getvalue()
            line.seek(0)
            line.truncate()
