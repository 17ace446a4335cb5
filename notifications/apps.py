from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    name = "notifications"
    verbose_name = "政策直通车"

    def ready(self):
        from django.core import checks

        from . import invariants, listening, listening_webhooks, metrics, own_data, site  # noqa: F401  they register themselves

        own_data.register()
        checks.register(site.check_site, deploy=True)
