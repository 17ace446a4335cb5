from django.apps import AppConfig


class VisitsConfig(AppConfig):
    name = "visits"
    verbose_name = "检查"

    def ready(self) -> None:
        from cases import procedure as procedures
        from cases.pages import panels as pages
        from cases.signals import moved

        from . import calendar_entries, invariants, merging, sweeping  # noqa: F401 - they register themselves
        from .models import VisitCase
        from .pages import panels
        from .procedure import VISIT

        procedures.register(VISIT)
        VisitCase.holds(VISIT.key)
        pages.register(VISIT.key, panels.VisitPanels())
        moved.connect(merging.follow, dispatch_uid="visits.merging")
