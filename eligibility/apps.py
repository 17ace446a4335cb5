from django.apps import AppConfig


class EligibilityConfig(AppConfig):
    name = "eligibility"
    verbose_name = "资格匹配"

    def ready(self) -> None:
        from . import invariants  # noqa: F401  they register themselves
