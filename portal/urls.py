"""Every address of the site: pages, API, admin."""

from django.contrib import admin
from django.urls import include, path
from django.views.generic import TemplateView

from accounts.signing_in.pages import admin_login
from core.middleware import unknown_path
from portal import dev_pages, offline, probes, views
from portal.home import home

handler400 = "portal.views.bad_request"
handler500 = "portal.views.server_error"

admin.site.login = admin_login  # the admin's own page knows no second factor

urlpatterns = [
    path("api", unknown_path),
    path("api/", include("portal.api_urls")),
    path("", home, name="home"),
    path("", include("eligibility.urls")),
    path("", include("accounts.urls")),
    path("me/", include("portal.me.urls")),
    path("", include("notifications.urls")),
    path("", include("cases.urls")),
    path("", include("subsidies.urls")),
    path("", include("needs.urls")),
    path("", include("services.urls")),
    path("", include("jobs.urls")),
    path("", include("visits.urls")),
    path("", include("portal.effect.pages")),
    path("help/", TemplateView.as_view(template_name="help.html"), name="help"),
    path("privacy/", TemplateView.as_view(template_name="privacy.html"), name="privacy"),
    path("a11y/", TemplateView.as_view(template_name="accessibility.html"), name="accessibility"),
    path("a11y/prefs/", views.preferences, name="preferences"),
    path("prefs/", views.set_preferences, name="set-preferences"),
    path("dev/", dev_pages.developers, name="developers"),
    path(
        "robots.txt",
        TemplateView.as_view(template_name="robots.txt", content_type="text/plain"),
        name="robots",
    ),
    path(".well-known/security.txt", views.security_txt, name="security-txt"),
    path("favicon.ico", views.favicon, name="favicon"),
    path("sw.js", offline.worker, name="service-worker"),
    path("offline/", TemplateView.as_view(template_name="offline.html"), name="offline"),
    path("livez", probes.live, name="live"),
    path("readyz", probes.ready, name="ready"),
    path("metrics", probes.metrics, name="metrics"),
    path("admin/", admin.site.urls),
]
