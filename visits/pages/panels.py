"""What visits add to their owner's list and page of cases."""

from datetime import date

from cases.models import Case
from cases.pages.panels import Panels
from cases.pages.timeline import step
from cases.procedure import CLOSED

from ..merging import MERGED, SET
from ..wording import window_of


class VisitPanels(Panels):
    template = "visits/case.html"
    has_receipt = False
    joined = ("visit__merged_into__case__department",)

    def steps(self, case: Case, today: date) -> list[dict]:
        """From the plan to the day, and what became of it."""
        visit, office = case.visit, case.department.name
        due = window_of(visit, today)
        steps = [step("begun", case.life.begun, case.submitted_at, office=office, due=due)]
        steps.append(step("arrived", "到店", visit.arrived_at, office=office))
        if case.phase == CLOSED:
            return [*steps, step("end", case.stage.owner, case.decided_at, status="done", office=office)]
        return [*steps, step("end", "写结果", None, office=office)]

    def parts(self, case: Case, user, today: date) -> dict:
        return {"visit": case.visit, "may_keep": case.state in (SET, MERGED)}
