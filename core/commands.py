"""What commands have in common."""

from django.core.management.base import BaseCommand


class DataCommand(BaseCommand):
    """A command that only works on data, and is started every few minutes by cron. The checks of the code, a third of
    its start, are for ``make check``, for ``migrate`` and for whoever changes the code."""

    requires_system_checks = ()
