from django.apps import AppConfig


class SubsidiesConfig(AppConfig):
    name = "subsidies"
    verbose_name = "办件与资金"

    def ready(self):
        from accounts import access

        from . import (  # noqa: F401 - they register themselves
            account_news,
            audit,
            doors,
            invariants,
            metrics,
            needs,
            own_data,
            stored_files,
        )

        access.chain_with(audit.record)
        own_data.register()
        account_news.register()
