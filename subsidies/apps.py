from django.apps import AppConfig


class SubsidiesConfig(AppConfig):
    name = "subsidies"
    verbose_name = "办件与资金"

    def ready(self) -> None:
        from cases.pages import panels as pages
        from cases.procedure import register

        from . import account_news, doors, invariants, metrics, own_data, procedure, sweeping  # noqa: F401 - they register themselves
        from .pages import panels

        register(procedure.SUBSIDY)
        pages.register(procedure.SUBSIDY.key, panels.ApplicationPanels())
        own_data.register()
        account_news.register()
