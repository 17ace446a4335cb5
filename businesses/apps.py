from django.apps import AppConfig


class BusinessesConfig(AppConfig):
    name = "businesses"
    verbose_name = "商户登记"

    def ready(self) -> None:
        from . import invariants, own_data  # noqa: F401 - checked by manage.py check_invariants

        own_data.register()
        self._connect_the_market_rules()

    def _connect_the_market_rules(self) -> None:
        """What the market regulator's rules make of the register follows it (signals.py)."""
        from django.db.models.signals import post_migrate

        from . import business_types, credit, distinctive  # noqa: F401 - its task is named in the beat schedule
        from .importing import mapping
        from .signals import facts_changed, import_finished

        post_migrate.connect(business_types.create_thresholds, sender=self)
        post_migrate.connect(mapping.create_sources, sender=self)
        facts_changed.connect(credit.repair_the_reported)
        facts_changed.connect(business_types.judge_the_touched)
        import_finished.connect(business_types.judge_all)
