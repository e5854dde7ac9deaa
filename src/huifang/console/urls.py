"""Addresses of the console's own screens."""

from django.urls import path

from huifang.console.views import entry, frame, own, people, records

app_name = "console"
urlpatterns = [
    path("", frame.start, name="start"),
    path("language/", frame.language, name="language"),
    path("views/", frame.save_view, name="save-view"),
    path("views/<int:view_id>/forget/", frame.forget_view, name="forget-view"),
    path("invitations/<str:token>/", entry.accept, name="accept"),
    path("accounts/demo/<slug:role>/", entry.demo_sign_in, name="demo-sign-in"),
    path("settings/", frame.home, name="settings"),
    path("settings/you/", own.own, name="own"),
    path("settings/people/", people.people, name="people"),
    path("settings/people/invite/", people.invite, name="invite"),
    path("settings/people/<int:person_id>/", people.person, name="person"),
    path("settings/people/<int:person_id>/role/", people.change_role, name="change-role"),
    path("settings/people/<int:person_id>/link/", people.renew_link, name="renew-link"),
    path("settings/people/<int:person_id>/deactivate/", people.deactivate, name="deactivate"),
    path("settings/people/<int:person_id>/reactivate/", people.reactivate, name="reactivate"),
    path(
        "settings/people/<int:person_id>/second-factor/",
        people.remove_second_factor,
        name="remove-second-factor",
    ),
    path("settings/roles/", people.roles, name="roles"),
    path("settings/audit/", records.audit_log, name="audit"),
    path("settings/audit/verify/", records.verify_audit, name="verify-audit"),
    path("settings/outbox/", records.parked, name="outbox"),
    path("settings/outbox/retry/", records.retry_parked, name="retry-parked"),
]
