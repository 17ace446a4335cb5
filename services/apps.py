from django.apps import AppConfig


class ServicesConfig(AppConfig):
    name = "services"
    verbose_name = "服务"

    def ready(self) -> None:
        from cases.pages import panels as pages

        from . import invariants, kinds, ladder  # noqa: F401 - they register themselves
        from .catalogue import caps, doors  # noqa: F401 - they register themselves
        from .checklists import effects  # noqa: F401 - they register themselves
        from .finance import following
        from .pages import panels
        from .slots import calendar_entries, timetable  # noqa: F401 - they register themselves

        kinds.register_all()
        following.register()
        for kind in kinds.KINDS.values():
            if kind.procedure is not None:
                pages.register(kind.procedure.key, panels.panels_for(kind))
