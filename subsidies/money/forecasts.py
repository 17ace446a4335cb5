"""资金测算: what benefits would cost on a day to come, beside today, if all came who could have them.

``cells`` of a row are its line in a file, in the order of HEADINGS.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from authoring.forecast import Prospect, Share, forecast
from notifications.pushes.uptake import NO_DISTRICT, UNITS

from .figures import CITY, PLACES, led_by, yuan

HEADINGS = (
    *("事项编号", "事项", "县区", "今天可享（户）", "那天可享（户）", "今天金额", "那天金额", "单位"),
    *("那天每月（元）", "金额未知（户）", "已在办或已享受（户）"),
)


@dataclass(frozen=True)
class Row:
    """One benefit in one place or in the whole city, today (``now``) and on the day asked (``then``).

    ``comparable``: whether both amounts are of a kind; ``is_open``: whether anybody can have it then.
    """

    code: str
    title: str
    district: str
    unit: str | None
    now: Share
    then: Share
    comparable: bool = True
    is_open: bool = True

    @property
    def unit_words(self) -> str:
        return UNITS.get(self.unit, "")

    @property
    def now_yuan(self) -> Decimal | None:
        return self._yuan(self.now) if self.comparable else None

    @property
    def then_yuan(self) -> Decimal | None:
        return self._yuan(self.then)

    @property
    def monthly_yuan(self) -> Decimal | None:
        """What goes out each month, for what is paid by the month."""
        return yuan(self.then.value_fen) if self.unit == "month" else None

    def _yuan(self, share):
        """What all get at most, where so much a month cannot be added up with so much in all."""
        sums = {"once": share.value_fen, "limit": share.value_fen, "month": share.maximum_fen}
        return yuan(sums.get(self.unit))

    @property
    def cells(self) -> tuple:
        shops = self.now.shops, self.then.shops
        sums = self.now_yuan, self.then_yuan, self.unit_words, self.monthly_yuan
        return (
            *(self.code, self.title, self.district, *shops, *sums),
            *(self.then.untold, self.then.holders),
        )


def forecasts(user, day: date, today: date) -> list[tuple[Row, list[Row]]]:
    """(whole city, its districts) of the benefits that the department of ``user`` leads, in order of code."""
    own = led_by(user)
    then, now = ({one.code: one for one in forecast(on)} for on in (day, today))
    codes = [code for code in sorted({*then, *now}) if own is None or code in own]
    return [_rows(code, then.get(code), now.get(code)) for code in codes]


def _rows(code, then: Prospect | None, now: Prospect | None):
    shown = then or now
    comparable = then is None or now is None or then.unit == now.unit
    sides = [prospect.places if prospect else {} for prospect in (now, then)]

    def row(district, shares):
        return Row(code, shown.title, district, shown.unit, *shares, comparable, bool(then and then.is_open))

    places = [place for place in (*PLACES, "") if any(place in side for side in sides)]
    districts = [
        row(PLACES.get(place, NO_DISTRICT), [side.get(place, Share()) for side in sides]) for place in places
    ]
    return row(CITY, [prospect.whole if prospect else Share() for prospect in (now, then)]), districts
