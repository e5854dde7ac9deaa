"""Addresses of the plans room."""

from django.urls import path

from huifang.plans import pages
from huifang.plans.views import catalogue, customers, page, rehearsals, rewards, versions

app_name = "plans"
_PLAN = "plans/<int:plan_id>/"
urlpatterns = [
    path("reward/<str:token>", pages.reward, name="reward"),
    path("plans/", catalogue.plan_list, name="list"),
    path("plans/new/", catalogue.new, name="new"),
    path("plans/pack/", catalogue.install_pack, name="install-pack"),
    path("plans/pack/<slug:pack_name>/", catalogue.pack_plan, name="pack-plan"),
    path("plans/using-segment/<int:segment_id>/", catalogue.using_segment, name="using-segment"),
    path(_PLAN, page.plan, name="plan"),
    path(f"{_PLAN}edit/<slug:clause>/", page.save, name="save"),
    path(f"{_PLAN}act/<slug:word>/", page.act, name="act"),
    path(f"{_PLAN}decline/", page.decline, name="decline"),
    path(f"{_PLAN}discard/", page.discard, name="discard"),
    path(f"{_PLAN}undo/", page.undo, name="undo"),
    path(f"{_PLAN}copy/", page.copy, name="copy"),
    path(f"{_PLAN}versions/", versions.history, name="versions"),
    path(f"{_PLAN}campaign/", page.campaign, name="campaign"),
    path(f"{_PLAN}customers/", customers.customers, name="customers"),
    path(f"{_PLAN}rewards/", rewards.rewards, name="rewards"),
    path(f"{_PLAN}rehearse/", rehearsals.rehearse, name="rehearse"),
    path(f"{_PLAN}rehearsals/<int:rehearsal_id>/", rehearsals.progress, name="progress"),
    path(f"{_PLAN}rehearsals/<int:rehearsal_id>/people/", rehearsals.people, name="people"),
]
