from django.apps import AppConfig


class JobsConfig(AppConfig):
    name = "jobs"
    verbose_name = "用工"

    def ready(self) -> None:
        from businesses.signals import facts_changed, owner_left
        from cases import procedure as procedures
        from cases.pages import panels

        from . import doors, invariants, own_data, stopping, sweeping  # noqa: F401 - they register themselves
        from .models import ContactCase
        from .pages.panels import ContactPanels
        from .procedure import CONTACT

        own_data.register()
        procedures.register(CONTACT)
        ContactCase.holds(CONTACT.key)
        panels.register(CONTACT.key, ContactPanels())
        facts_changed.connect(stopping.follow_shops, dispatch_uid="jobs.shops")
        owner_left.connect(stopping.follow_owners, dispatch_uid="jobs.owners")
