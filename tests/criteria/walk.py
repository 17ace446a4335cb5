"""States and dates of a rule found the long way: its verdict on every day of six years, from the plain reference."""

from datetime import date, timedelta

from businesses.facts import BUILT_IN_REGISTRY

from .reference import truth

YEARS_WALKED = 6  # Nothing turns after that, so near their day are the random dates and periods.


class Walk:
    """``drawn`` on ``day`` and every day after it, to the end of its window."""

    def __init__(self, drawn, values, day, window):
        last = window.get("to") and date.fromisoformat(window["to"])
        end = min(last or date.max, date(day.year + YEARS_WALKED, 12, 31))
        self.drawn, self.values, self.closes_on = drawn, values, last
        self.days = [day + timedelta(days=count) for count in range((end - day).days + 1)]
        self.verdicts = [self.truth(drawn.raw, one) for one in self.days]

    def truth(self, node, day, **more):
        named = {"conditions": self.drawn.conditions, "parameters": self.drawn.parameters}
        return truth(node, self.values, day, BUILT_IN_REGISTRY, **named, **more)

    def expected(self):
        """(state, eligible_from, apply_before) of a rule that one applies for, as design.md §6 has them."""
        if self.verdicts[0]:
            return "now", *self._dates(self.verdicts, True)
        if self.verdicts[0] is False and True in self.verdicts:
            return "soon", *self._dates(self.verdicts, True)
        if None in self.verdicts:
            return "unknown", *self._dates(self.verdicts, True, None)
        hopes = [self.truth(self.drawn.raw, one, mended=self._mended) for one in self.days]
        return ("if", *self._dates(hopes, True, None)) if {True, None} & set(hopes) else ("no", None, None)

    def _mended(self, leaf, negated):
        """What an owner can change, and fails today."""
        return leaf.get("changeable") and self.truth(leaf, self.days[0], negated=negated) is False

    def _dates(self, verdicts, *wanted):
        """First day with one of the verdicts, None for today; last day of that stretch, the window's end if open."""
        first = next(place for place, verdict in enumerate(verdicts) if verdict in wanted)
        after = next((place for place in range(first, len(verdicts)) if verdicts[place] not in wanted), None)
        return self.days[first] if first else None, self.closes_on if after is None else self.days[after - 1]
