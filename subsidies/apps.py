from django.apps import AppConfig


class SubsidiesConfig(AppConfig):
    name = "subsidies"
    verbose_name = "办件与资金"

    def ready(self):
        from . import invariants, own_data  # noqa: F401 - checked by manage.py check_invariants

        own_data.register()
