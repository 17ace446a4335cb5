"""Pages of somebody signed in about their shops, under /me/."""

from django.urls import path

from . import me_pages

urlpatterns = [
    path("", me_pages.me, name="me"),
    path("bind/", me_pages.bind, name="me-bind"),
    path("unbind/", me_pages.unbind, name="me-unbind"),
    path("switch/", me_pages.switch, name="me-switch"),
    path("check/", me_pages.check, name="me-check"),
    path("correct/<str:fact>/", me_pages.correct, name="me-correct"),
    path("account/", me_pages.account, name="me-account"),
    path("mandates/", me_pages.mandates, name="me-mandates"),
    path("mandates/<int:pk>/revoke/", me_pages.revoke, name="me-revoke"),
]
