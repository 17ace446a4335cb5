"""Addresses of people's accounts. The names with an underscore are those by which allauth finds its own pages."""

from allauth.mfa.recovery_codes.views import download_recovery_codes
from django.urls import path
from django.views.generic import RedirectView

from . import own_data_pages
from .first_admin import FirstAdminView
from .signing_in import pages

urlpatterns = [
    path("login/", pages.login, name="login"),
    path("login/code/", pages.login_code, name="login-code"),
    path("login/staff/", pages.StaffLoginView.as_view(), name="staff-login"),
    path("login/staff/", pages.StaffLoginView.as_view(), name="account_login"),
    path("login/staff/code/", pages.SecondFactorView.as_view(), name="mfa_authenticate"),
    path("login/staff/password/<uidb64>/<token>/", pages.PasswordLinkView.as_view(), name="password-link"),
    path("login/inactive/", pages.inactive, name="account_inactive"),
    path("login/first/<str:token>/", FirstAdminView.as_view(), name="first-admin"),
    path("logout/", pages.logout, name="logout"),
    path("me/security/", pages.security, name="security"),
    path("me/security/prove/", pages.prove_again, name="prove"),
    path(
        "me/security/prove/password/",
        pages.for_staff(pages.PasswordAgainView.as_view()),
        name="account_reauthenticate",
    ),
    path(
        "me/security/prove/factor/",
        pages.for_staff(pages.SecondFactorAgainView.as_view()),
        name="mfa_reauthenticate",
    ),
    path("me/security/factor/", RedirectView.as_view(pattern_name="security"), name="mfa_index"),
    path("me/security/factor/on/", pages.for_staff(pages.ActivateView.as_view()), name="mfa_activate_totp"),
    path(
        "me/security/factor/off/", pages.for_staff(pages.DeactivateView.as_view()), name="mfa_deactivate_totp"
    ),
    path(
        "me/security/factor/codes/",
        pages.for_staff(pages.RecoveryCodesView.as_view()),
        name="mfa_view_recovery_codes",
    ),
    path(
        "me/security/factor/codes/new/",
        pages.for_staff(pages.NewRecoveryCodesView.as_view()),
        name="mfa_generate_recovery_codes",
    ),
    path(
        "me/security/factor/codes/file/",
        pages.for_staff(download_recovery_codes),
        name="mfa_download_recovery_codes",
    ),
    path("me/data/", own_data_pages.my_data, name="my-data"),
    path("me/data/file/", own_data_pages.my_data_file, name="my-data-file"),
    path("me/data/files/", own_data_pages.my_files, name="my-files"),
    path("me/data/close/", own_data_pages.close_account, name="close-account"),
    path("dev/outbox/", pages.outbox, name="outbox"),
]
