"""Who has a seat of a slot, and what is written down of each: 到场, 未到, 结业证."""

from collections.abc import Iterable
from functools import cached_property

from django.core.exceptions import PermissionDenied
from django.utils import timezone

from cases.actions import general
from cases.models import Case
from cases.papers.sheet import Paper
from core.addresses import whole_number
from core.errors import Invalid, Refused

from ..catalogue.questions import said_lines
from ..models import Request, ServiceCase, Slot

VERBS = ("attend", "no_show", "certify")  # for several at once
GONE = "这一件不在这一场，请刷新页面"


class RollCall:
    """The list of one slot as ``user`` sees it; a fixed number of queries."""

    def __init__(self, slot: Slot, user) -> None:
        self.slot, self.user = slot, user

    @cached_property
    def cases(self) -> list[Case]:
        """Whoever has a seat, in order of asking."""
        rows = ServiceCase.objects.filter(request__slot=self.slot.pk, request__seat=Request.Seat.HELD)
        rows = rows.select_related("business", "request__slot", "request__offering")
        return list(rows.order_by("pk"))

    @property
    def rows(self) -> list[dict]:
        """``[{case, said, is_open}]``: ``is_open`` while something can be written down of it."""
        return [
            {
                "case": case,
                "said": said_lines(self.slot.offering, case.request.said),
                "is_open": any(case.state in verb.moves for verb in self._verbs(case).values()),
            }
            for case in self.cases
        ]

    @property
    def buttons(self) -> dict[str, str]:
        """``{verb: words}`` of those that one of the list can be moved by."""
        found = {}
        for case in self.cases:
            found |= {key: verb.staff for key, verb in self._verbs(case).items() if case.state in verb.moves}
        begun = self.slot.starts_at <= timezone.now()
        return {key: found[key] for key in VERBS if key in found and begun}

    @staticmethod
    def _verbs(case) -> dict:
        return {key: case.life.verbs[key] for key in VERBS if key in case.life.verbs}

    def do(self, verb: str, ticked: Iterable[str]) -> list[dict]:
        """``[{name, done, words}]`` of each that was ticked, ``pk-version``; each in a transaction of its own."""
        cases = {case.pk: case for case in self.cases}
        return [self._one(cases, verb, tick) for tick in ticked]

    def _one(self, cases, verb, tick) -> dict:
        pk, version = (whole_number(part) for part in (*tick.split("-", 1), "")[:2])
        case = cases.get(pk)
        if case is None or verb not in VERBS:
            return {"name": "", "done": False, "words": GONE}
        name = case.business.name
        try:
            done = general.do(case, verb, {}, by=self.user, expected_version=version or 0)
        except (Invalid, Refused) as problem:
            return {"name": name, "done": False, "words": str(problem)}
        except PermissionDenied:
            return {"name": name, "done": False, "words": "这一件您要回避，请别的同事来记"}
        return {"name": name, "done": True, "words": done.stage.staff}

    def paper(self) -> Paper:
        """The list to be signed on the day."""
        offering = self.slot.offering
        lines = [
            f"{place}. {case.business.name}　　{case.stage.staff}　　签字：____________"
            for place, case in enumerate(self.cases, 1)
        ]
        return Paper(
            kind="roll",
            title=f"{offering.title} 签到表",
            number=f"SLOT-{self.slot.pk:06d}",
            to="授课和签到的人",
            opening=f"{self.slot.when}，{self.slot.place or offering.place or '地点另行通知'}。",
            signed=offering.given_by,
            at=timezone.localtime(self.slot.starts_at),
            blocks=[(f"共 {len(lines)} 位", lines or ["没有人约"])],
        )
