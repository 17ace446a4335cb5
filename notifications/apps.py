from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    name = "notifications"
    verbose_name = "政策直通车"

    def ready(self) -> None:
        from django.core import checks

        from . import invariants, metrics, own_data  # noqa: F401  they register themselves
        from .calendar_feed import benefits  # noqa: F401  they register themselves
        from .outside import site
        from .pushes import receivers  # noqa: F401  they register themselves
        from .webhooks import receivers as webhooks_receivers  # noqa: F401  they register themselves

        own_data.register()
        checks.register(site.check_site, deploy=True)
