"""查重 on the page of a case: what else the person has or asked for, and who else is paid to the account."""

from functools import cached_property

from accounts.principals import sees_all
from eligibility.models import Holding

from ..checks import duplicates


class SamePerson:
    """A part of CasePage, which has ``application``, ``user`` and ``today``."""

    @cached_property
    def holdings(self) -> list:
        rows = Holding.objects.live(self.today).filter(operator=self.application.operator_id)
        return list(rows.exclude(benefit=self.application.benefit_id).select_related("benefit", "business"))

    @cached_property
    def earlier(self) -> list:
        """Other applications of the person to one's own bureau; ``same``: for this very benefit."""
        return [
            {"row": row, "same": row.benefit_id == self.application.benefit_id}
            for row in self._of_same_person
            if self._is_own(row)
        ]

    @cached_property
    def elsewhere(self) -> list:
        """Those of the same kind to other bureaus. That there are some is all that is shown of them."""
        kind = self.application.benefit.kind
        return [row for row in self._of_same_person if not self._is_own(row) and row.benefit.kind == kind]

    @cached_property
    def _of_same_person(self) -> list:
        return list(duplicates.of_same_person(self.application)[: duplicates.MOST])

    @cached_property
    def same_account(self) -> list:
        return list(duplicates.on_same_account(duplicates.payee(self.application))[: duplicates.MOST])

    @property
    def former_holders(self) -> list:
        """Whose the account was before: it is theirs no more, which nobody has to look into."""
        return [row for row in self.same_account if row.ended_at is not None]

    def _is_own(self, row):
        return row.department_id == self.user.department_id or sees_all(self.user)
