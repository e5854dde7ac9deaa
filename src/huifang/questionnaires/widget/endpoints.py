"""The API of widget sites: make and change them, rotate their secrets, end them."""

from dataclasses import asdict
from datetime import datetime

from django.http import HttpRequest
from ninja import Router, Schema

from huifang.api.frame import require
from huifang.kernel import clock
from huifang.questionnaires.widget import sites

router = Router(tags=["widget"])


class WidgetSiteIn(Schema):
    """A site as it is wanted. *origins* such as https://app.example."""

    name: str
    origins: list[str]


class WidgetSite(Schema):
    """A site as it stands, without its secrets. *key* is public."""

    id: int
    key: str
    name: str
    origins: list[str]
    secret_number: int
    former_until: datetime | None
    created_at: datetime
    revoked_at: datetime | None


class WidgetSites(Schema):
    """Every site, revoked ones last."""

    sites: list[WidgetSite]


class WidgetSecret(Schema):
    """A secret, shown this once."""

    id: int
    secret: str


class WidgetDone(Schema):
    """It is done."""

    success: bool


def _actor(request: HttpRequest) -> str:
    require("keys.edit")(request)
    return str(request.auth)  # type: ignore[attr-defined]


@router.get("/widget-sites", response=WidgetSites, operation_id="list_widget_sites")
def list_widget_sites(request: HttpRequest) -> dict[str, list[dict[str, object]]]:
    """Every site on which the widget may stand."""
    require("keys.edit")(request)
    return {"sites": [asdict(each) for each in sites.sites(now=clock.now())]}


@router.post("/widget-sites", response=WidgetSecret, operation_id="create_widget_site")
def create_widget_site(request: HttpRequest, wanted: WidgetSiteIn) -> dict[str, object]:
    """Make a site; its secret is in the answer, this once."""
    by = _actor(request)
    made = sites.create(name=wanted.name, origins=wanted.origins, by=by, now=clock.now())
    return {"id": made[0], "secret": made[1]}


@router.put("/widget-sites/{site_id}", response=WidgetSite, operation_id="change_widget_site")
def change_widget_site(request: HttpRequest, site_id: int, wanted: WidgetSiteIn) -> dict[str, object]:
    """Set name and origins; an origin that is left out is refused from then on."""
    by, now = _actor(request), clock.now()
    sites.change(site_id=site_id, name=wanted.name, origins=wanted.origins, by=by, now=now)
    return asdict(sites.site(site_id=site_id, now=now))


@router.post("/widget-sites/{site_id}/secret", response=WidgetSecret, operation_id="rotate_widget_secret")
def rotate_widget_secret(request: HttpRequest, site_id: int) -> dict[str, object]:
    """A new secret; the one before it is good for a week more."""
    return {"id": site_id, "secret": sites.rotate(site_id=site_id, by=_actor(request), now=clock.now())}


@router.delete(
    "/widget-sites/{site_id}/former-secret", response=WidgetDone, operation_id="end_former_widget_secret"
)
def end_former_widget_secret(request: HttpRequest, site_id: int) -> dict[str, bool]:
    """Only the newest secret is good from now on."""
    sites.end_former_secret(site_id=site_id, by=_actor(request), now=clock.now())
    return {"success": True}


@router.delete("/widget-sites/{site_id}", response=WidgetDone, operation_id="revoke_widget_site")
def revoke_widget_site(request: HttpRequest, site_id: int) -> dict[str, bool]:
    """End a site for good: hashes and passes are worth nothing at once."""
    sites.revoke(site_id=site_id, by=_actor(request), now=clock.now())
    return {"success": True}
