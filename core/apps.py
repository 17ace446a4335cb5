from django.apps import AppConfig
from django.conf import settings
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.signals import post_migrate, pre_migrate


class CoreConfig(AppConfig):
    name = "core"
    verbose_name = "公共"

    def ready(self) -> None:
        from . import addresses, guards, lookups  # noqa: F401 (they register what they hold)

        pre_migrate.connect(guards.drop, sender=self)
        post_migrate.connect(guards.create, sender=self)

        # With DEBUG on, Django keeps a thread's last 9,000 statements, of which some name thousands of shops.
        if settings.DEBUG:
            BaseDatabaseWrapper.queries_limit = 100
