"""What the page of one leg shows to whoever was asked. Nothing here tells of the others who were asked, of the shop
or of the person, beyond the words sent and what the owner lets this institution read."""

from datetime import date
from functools import cached_property

from businesses import sharing
from cases.actions import general
from cases.models import Message
from cases.procedure import Verb

from ..catalogue.questions import said_lines, typed_answers
from ..finance import tenders
from ..models import Leg
from ..permissions import is_of_institution, own_leg


class LegPage:
    """One leg as ``user`` sees it."""

    def __init__(self, leg: Leg, user) -> None:
        self.leg, self.user = leg, user
        self.case = leg.request.case

    @cached_property
    def verbs(self) -> dict[str, Verb]:
        """What may be done here; a bureau does it on the page of the case."""
        if not is_of_institution(self.user) or own_leg(self.user, self.case) != self.leg:
            return {}
        offered = general.offered(self.user, self.case, general.STAFF)
        return {key: verb for key, verb in offered.items() if key != tenders.TAKE or not self.leg.taken_at}

    @cached_property
    def said(self) -> list[dict]:
        """The answers that were typed."""
        request = self.leg.request
        return said_lines(request.offering, typed_answers(request.offering, request.said))

    @cached_property
    def thread(self) -> list[dict]:
        """What the owner wrote, and what the own institution did: ``[{who, words, at}]``."""
        rows = self.case.messages.select_related("author")
        return [
            {"who": self._who(row), "words": row.words, "at": row.at}
            for row in rows
            if row.side == Message.Side.OWNER or self._is_own(row)
        ]

    def _is_own(self, row) -> bool:
        mine = self.user.department if is_of_institution(self.user) else self.leg.receiver
        if row.author is None:  # said by its program
            return mine is not None and row.side == Message.Side.OFFICE and row.office == mine.name
        return row.author.is_staff and mine is not None and row.author.department_id == mine.pk

    def _who(self, row) -> str:
        return "店主" if row.side == Message.Side.OWNER else row.office

    @property
    def may_read(self) -> bool:
        return tenders.may_read(self.user, self.leg)

    @property
    def shares(self) -> str:
        """How things stand with what the owner shares, in one sentence."""
        given = self.leg.sharing
        if given is None:
            return "店主没有授权看店铺信息，只有上面写的这些。"
        ended = sharing.ended_because(given)
        if ended:
            return f"{ended}。已保存的请在 {self._delete_by} 前删除。"
        left = given.uses - given.used
        return f"店主授权看 {len(given.facts)} 项，还能看 {left} 次。每看一次都记下来，店主看得到。"

    @property
    def _delete_by(self) -> date:
        return sharing.delete_by(self.leg.sharing)

    @property
    def is_chosen(self) -> bool:
        """Whether the owner has taken what this institution offered."""
        return self.leg.is_accepted
