"""Django's admin with our site (portal/site.py). Beside portal/apps.py, which may name one application alone."""

from django.contrib.admin.apps import AdminConfig as StockAdminConfig


class AdminConfig(StockAdminConfig):
    default_site = "portal.site.Site"
