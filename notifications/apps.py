from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    name = "notifications"
    verbose_name = "政策直通车"

    def ready(self):
        from . import listening  # noqa: F401  what happens elsewhere becomes work here
