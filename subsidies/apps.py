from django.apps import AppConfig


class SubsidiesConfig(AppConfig):
    name = "subsidies"
    verbose_name = "办件与资金"

    def ready(self):
        from . import doors, invariants, metrics, needs, own_data  # noqa: F401 - they register themselves

        own_data.register()
