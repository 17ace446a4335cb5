"""Pages of somebody signed in about their shops, under /me/."""

from django.urls import path

from . import account, binding, correcting, mandates, sharing, shop

urlpatterns = [
    path("", shop.me, name="me"),
    path("bind/", binding.bind, name="me-bind"),
    path("unbind/", binding.unbind, name="me-unbind"),
    path("switch/", shop.switch, name="me-switch"),
    path("check/", shop.check, name="me-check"),
    path("correct/<str:fact>/", correcting.correct, name="me-correct"),
    path("account/", account.account, name="me-account"),
    path("mandates/", mandates.mandates, name="me-mandates"),
    path("sharing/", sharing.sharings, name="me-sharing"),
    path("sharing/<number:pk>/revoke/", sharing.revoke, name="me-sharing-revoke"),
    path("mandates/<number:pk>/revoke/", mandates.revoke, name="me-revoke"),
]
