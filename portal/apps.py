from django.apps import AppConfig, apps
from django.db.models.signals import post_migrate


class PortalConfig(AppConfig):
    name = "portal"
    verbose_name = "政策直通车"

    def ready(self) -> None:
        from core import canary
        from core.roles import write_grants

        from . import roles, starting

        starting.check_settings()

        # After the last app that has models, and so permissions. This room has none.
        last = [config for config in apps.get_app_configs() if config.models_module][-1]
        post_migrate.connect(roles.write_roles, sender=last)
        post_migrate.connect(write_grants, sender=last)
        post_migrate.connect(canary.write, sender=last)
