from django.apps import AppConfig


class CasesConfig(AppConfig):
    name = "cases"
    verbose_name = "申诉、评价与审计"

    def ready(self) -> None:
        from accounts import access

        from . import audit, invariants, sweeping, webhooks  # noqa: F401 - they register themselves
        from .evidence import stored_files  # noqa: F401
        from .pages import calendar_entries  # noqa: F401
        from .rights import needs  # noqa: F401 - they register themselves

        access.chain_with(audit.record)
