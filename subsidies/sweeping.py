"""What time does to applications and money besides what it does to every case (cases/sweeping.py)."""

from datetime import date

from cases.sweeping import AT_ONCE, each, sweep_step

from .actions import applying, automatic_grants, publicity, settling, stopping
from .models import Application
from .money import exhaustion


@sweep_step("补正过期")
def lapse_corrections(today: date) -> int:
    """Corrections that nobody answered in time end their application."""
    rows = Application.objects.filter(
        corrections__answered_at=None,
        corrections__closed_at=None,
        corrections__due_on__lt=today,
    ).distinct()
    return each(rows[:AT_ONCE], lambda row: applying.lapse(row, today))


@sweep_step("接着对账")
def go_on_with_bank_answers(today: date) -> int:
    return settling.go_on()


@sweep_step("告知免申即享")
def tell_of_offers(today: date) -> int:
    return automatic_grants.tell_of_offers()


sweep_step("清理草稿")(applying.purge_drafts)
sweep_step("撤下公示")(publicity.take_down)
sweep_step("停发歇业的")(stopping.stop_for_closed_shops)
sweep_step("按额度开关事项")(exhaustion.follow_all)
