from django.apps import AppConfig


class NeedsConfig(AppConfig):
    name = "needs"
    verbose_name = "诉求"

    def ready(self) -> None:
        from cases.signals import moved
        from services.signals import asked

        from . import remembering

        asked.connect(remembering.remember, dispatch_uid="needs.remember")
        moved.connect(remembering.follow, dispatch_uid="needs.follow")
