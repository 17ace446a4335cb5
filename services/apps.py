from django.apps import AppConfig


class ServicesConfig(AppConfig):
    name = "services"
    verbose_name = "服务"

    def ready(self) -> None:
        from cases.pages import panels as pages

        from . import doors, effects, kinds  # noqa: F401 - doors and effects register themselves
        from .pages import panels

        kinds.register_all()
        for kind in kinds.KINDS.values():
            if kind.procedure is not None:
                pages.register(kind.procedure.key, panels.panels_for(kind))
