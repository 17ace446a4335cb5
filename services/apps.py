from django.apps import AppConfig


class ServicesConfig(AppConfig):
    name = "services"
    verbose_name = "服务"

    def ready(self) -> None:
        from . import effects, kinds  # noqa: F401 - effects register themselves

        kinds.register_all()
