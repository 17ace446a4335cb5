from django.apps import AppConfig
from django.conf import settings
from django.db.backends.base.base import BaseDatabaseWrapper


class CoreConfig(AppConfig):
    name = "core"
    verbose_name = "公共"

    def ready(self):
        from . import addresses, lookups  # noqa: F401 (they register what they hold)

        # With DEBUG on, Django keeps a thread's last 9,000 statements, of which some name thousands of shops.
        if settings.DEBUG:
            BaseDatabaseWrapper.queries_limit = 100
