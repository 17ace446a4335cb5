"""What comes undone with a decision after an appeal."""

from django.utils import timezone

from eligibility import holdings
from eligibility.models import Holding

from .checks import risks
from .models import Application


def begin_again(application: Application, **more) -> None:
    """Others look into it from the start: no flag is looked at, and the shop has applied again."""
    risks.forget_all(application)
    today = timezone.localdate()
    holdings.hold(application.business, application.benefit, Holding.Kind.APPLIED, since=today)
