from django.apps import AppConfig


class SubsidiesConfig(AppConfig):
    name = "subsidies"
    verbose_name = "办件与资金"

    def ready(self):
        from . import (  # noqa: F401 - they register themselves
            account_news,
            doors,
            invariants,
            metrics,
            needs,
            own_data,
        )

        own_data.register()
        account_news.register()
