"""What cases and their money ought to be, in plain Python: nothing here asks the product."""

from dataclasses import dataclass, field
from datetime import date

REVIEWERS = {"reviewer", "reviewer_2", "admin"}
APPROVERS = {"approver", "approver_2", "approver_3", "admin"}
PAYERS = {"finance", "finance_2", "admin"}
STAFF = sorted(REVIEWERS | APPROVERS | PAYERS)
OVER = {"refused", "withdrawn"}
GRANTED = {"approved", "paid"}


def halves(first: date, months: int, monthly: int) -> list[tuple[int, int]]:
    """[(year, fen)] of so many months from ``first``: cut where a half of a year ends."""
    found: dict[tuple, int] = {}
    for place in range(months):
        year, month = divmod(first.year * 12 + first.month - 1 + place, 12)
        found[year, month // 6] = found.get((year, month // 6), 0) + monthly
    return [(year, fen) for (year, _), fen in sorted(found.items())]


@dataclass(eq=False)
class Case:
    """``parts``: [(year, fen)]; ``money``: the column of its envelope that each part stands in, by its place;
    ``recovered``: fen of the first that came back. ``reviewed``, ``decided``: whoever ever had such a part in it;
    ``former``: whose decision was undone."""

    pk: int
    shop: int
    person: int
    benefit: str
    parts: list
    state: str = "draft"
    reviewer: str = ""
    approver: str = ""
    countersigner: str = ""
    reviewed: set = field(default_factory=set)
    decided: set = field(default_factory=set)
    former: set = field(default_factory=set)
    upheld: bool = False
    money: dict = field(default_factory=dict)
    recovered: int = 0
    batch: object = None

    @property
    def people(self):
        return self.reviewed | self.decided

    @property
    def stands(self):
        return self.state not in OVER

    def forget_people(self):
        self.reviewer = self.approver = self.countersigner = ""


@dataclass(eq=False)
class Batch:
    pk: int
    prepared_by: str
    cases: list
    status: str = "prepared"
    returned: set = field(default_factory=set)


@dataclass(eq=False)
class Offer:
    """免申即享: one shop on a list. ``case``: what came of it."""

    pk: int
    shop: int
    listing: "Listing"
    case: object = None
    withdrawn: bool = False


@dataclass(eq=False)
class Listing:
    pk: int
    prepared_by: str
    confirmed_by: str = ""
    status: str = "prepared"
    offers: list = field(default_factory=list)


class Bureau:
    """All cases, batches and lists of offers. ``caps``: {(benefit, year): fen}; a year without one has no limit."""

    def __init__(self, caps, year):
        self.caps, self.year, self.cases, self.batches, self.lists = caps, year, [], [], []

    # Money

    def columns(self):
        """{(benefit, year): {column: fen}} of everything promised and paid."""
        found: dict[tuple, dict] = {}
        for case in self.cases:
            for place, column in case.money.items():
                year, fen = case.parts[place]
                empty = {"reserved": 0, "granted": 0, "paid": 0, "recovered": 0}
                envelope = found.setdefault((case.benefit, year), empty)
                envelope[column] += fen
                envelope["recovered"] += 0 if place else case.recovered
        return found

    def left(self, benefit):
        spent = self.columns().get((benefit, self.year), {"recovered": 0})
        return self.caps[benefit, self.year] - sum(spent.values()) + 2 * spent["recovered"]

    def _fits(self, case):
        return self.left(case.benefit) >= sum(fen for year, fen in case.parts if year == self.year)

    # May it be done, and by whom?

    def beside(self, case):
        """Whether another case of the same benefit stands in its way."""
        return any(
            other.stands and other is not case and self._same(other, case.benefit, case.shop, case.person)
            for other in self.cases
        )

    def _same(self, other, benefit, shop, person):
        by_person = other.person == person and benefit == "T01a"  # once per person
        return other.benefit == benefit and (by_person or other.shop == shop)

    def may_begin(self, benefit, shop, person):
        """The case that stands for the shop, True for a new one, False where it is refused."""
        same = [one for one in self.cases if one.stands and self._same(one, benefit, shop, person)]
        own = [one for one in same if one.shop == shop]
        return own[0] if own else not same

    def may(self, verb, case, who):
        return getattr(self, f"may_{verb}")(case, who)

    def may_submit(self, case, who):
        return who == "owner" and case.state == "draft" and self.left(case.benefit) > 0

    def may_accept(self, case, who):
        return case.state == "submitted" and self._reviews(case, who)

    def may_request_correction(self, case, who):
        has_material = case.benefit != "T01b"  # what is offered asks for none
        return case.state in ("submitted", "reviewing") and has_material and self._reviews(case, who)

    def may_correct(self, case, who):
        return who == "owner" and case.state == "correcting"

    def may_recommend(self, case, who):
        return case.state == "reviewing" and self._reviews(case, who)

    def may_approve(self, case, who):
        if case.state not in ("recommended", "countersigning") or not self._approves(case, who):
            return False
        return (case.state == "recommended" and self.two_approve(case)) or self._fits(case)

    def two_approve(self, case):
        """From 10,000 yuan on that one person is granted, all of it within a year here."""
        mine = {id(one): one for one in self.cases if one.person == case.person and one.state in GRANTED}
        return sum(fen for one in [*mine.values(), case] for _, fen in one.parts) >= 1_000_000

    def may_return(self, case, who):
        if case.state in ("recommended", "countersigning"):
            return self._approves(case, who)
        pays = who in PAYERS and who not in case.people
        return case.state == "approved" and case.batch is None and (pays or self._approves(case, who))

    def may_refuse(self, case, who):
        if case.state == "reviewing":
            return self._reviews(case, who)
        return case.state in ("recommended", "countersigning") and self._approves(case, who)

    def may_withdraw(self, case, who):
        before = ("submitted", "reviewing", "correcting", "recommended", "countersigning", "approved")
        return who == "owner" and case.state in before and case.batch is None

    def may_appeal(self, case, who):
        return who == "owner" and case.state == "refused" and not case.upheld and not self.beside(case)

    def may_withdraw_appeal(self, case, who):
        return who == "owner" and case.state == "appealed"

    def may_uphold(self, case, who):
        return case.state == "appealed" and self._answers(case, who)

    may_reopen = may_uphold

    def _reviews(self, case, who):
        return who in REVIEWERS and who not in case.decided | case.former

    def _approves(self, case, who):
        barred = {case.approver, case.countersigner} | case.reviewed | case.former
        return who in APPROVERS and who not in barred

    def _answers(self, case, who):
        return who in APPROVERS and who not in case.people | case.former

    # What is so afterwards

    def done(self, verb, case, who):
        getattr(self, f"after_{verb}")(case, who)

    def after_submit(self, case, who):
        case.state = "submitted"

    def after_accept(self, case, who):
        case.state = "reviewing"
        case.reviewed.add(who)

    def after_request_correction(self, case, who):
        case.state = "correcting"
        case.reviewed.add(who)

    def after_correct(self, case, who):
        case.state = "reviewing"

    def after_recommend(self, case, who):
        case.state, case.reviewer = "recommended", who
        case.reviewed.add(who)

    def after_approve(self, case, who):
        two_approve = self.two_approve(case)
        case.decided.add(who)
        if case.state == "recommended":
            case.approver = who
            if two_approve:
                case.state = "countersigning"
                return
        else:
            case.countersigner = who
        case.state = "approved"
        case.money = {place: "reserved" if place else "granted" for place in range(len(case.parts))}

    def after_return(self, case, who):
        case.state, case.money = "reviewing", {}
        case.reviewed.add(who)
        case.forget_people()

    def after_refuse(self, case, who):
        part = {"reviewing": "reviewer", "countersigning": "countersigner"}.get(case.state, "approver")
        setattr(case, part, who)
        (case.reviewed if part == "reviewer" else case.decided).add(who)
        case.state, case.upheld = "refused", False

    def after_withdraw(self, case, who):
        case.state, case.money = "withdrawn", {}

    def after_appeal(self, case, who):
        case.state = "appealed"

    def after_withdraw_appeal(self, case, who):
        case.state = "refused"

    def after_uphold(self, case, who):
        case.state, case.upheld = "refused", True

    def after_reopen(self, case, who):
        case.state = "reviewing"
        case.former |= case.people
        case.forget_people()

    # Batches

    def payable(self, who):
        """The cases that a batch prepared by ``who`` holds."""
        if who not in PAYERS:
            return []
        return [
            case
            for case in self.cases
            if case.money.get(0) == "granted" and case.batch is None and who not in case.people
        ]

    def may_approve_batch(self, batch, who):
        apart = who in PAYERS and who != batch.prepared_by
        return apart and batch.status == "prepared" and all(who not in case.people for case in batch.cases)

    def may_cancel_batch(self, batch, who):
        return who in PAYERS and batch.status in ("prepared", "approved")

    def may_export_batch(self, batch, who):
        return who in PAYERS and batch.status in ("approved", "exported", "settled")

    def may_settle_batch(self, batch, who):
        return who in PAYERS and batch.status in ("exported", "settled")

    def cancelled(self, batch):
        batch.status = "cancelled"
        for case in batch.cases:
            case.batch = None

    def settled(self, batch, returned):
        """``returned``: the cases whose money came back. What is settled stays as it is."""
        if batch.status == "settled":
            return
        batch.status, batch.returned = "settled", returned
        for case in batch.cases:
            if case in returned:
                case.batch = None
            else:
                case.state, case.money[0] = "paid", "paid"

    def may_recover(self, case, who, fen):
        paid = case.parts[0][1] if case.state == "paid" else 0
        return who in PAYERS and who not in case.people and 0 < fen <= paid - case.recovered

    # Offers

    def offers(self):
        return [offer for listing in self.lists for offer in listing.offers]

    def to_be_listed(self, shops):
        """Those of ``shops``, which all fit, that neither have it nor were offered it."""
        taken = {offer.shop for offer in self.offers() if not offer.withdrawn}
        return {shop for shop in shops if shop not in taken and not self._has_it(shop)}

    def _has_it(self, shop):
        return any(case.benefit == "T01b" and case.shop == shop and case.stands for case in self.cases)

    def may_confirm(self, listing, who):
        return who in APPROVERS and listing.status == "prepared" and who != listing.prepared_by

    def may_cancel(self, listing, who):
        return who in REVIEWERS and listing.status == "prepared"

    def may_take_up(self, offer, who):
        if who != "owner":
            return False
        open_still = not offer.withdrawn and offer.listing.status == "confirmed"
        return offer.case is not None or (open_still and not self._has_it(offer.shop))

    def may_take_back(self, offer, who):
        in_a_batch = offer.case and offer.case.state == "approved" and offer.case.batch
        return who in APPROVERS and not offer.withdrawn and not in_a_batch

    def confirmed(self, listing, who):
        listing.status, listing.confirmed_by = "confirmed", who

    def cancelled_list(self, listing, who):
        listing.status = "cancelled"
        for offer in listing.offers:
            offer.withdrawn = True

    def taken_up(self, offer, pk, person, parts):
        """One step to an approved case: who listed it has reviewed it, who confirmed the list has approved it. With a
        sum that two approve it is handed in like any other."""
        offer.case = case = Case(pk, offer.shop, person, "T01b", parts)
        if self.two_approve(case):
            case.state = "submitted"
            self.cases.append(case)
            return
        case.state = "approved"
        case.reviewer, case.approver = offer.listing.prepared_by, offer.listing.confirmed_by
        case.reviewed, case.decided = {case.reviewer}, {case.approver}
        case.money = {0: "granted"}
        self.cases.append(case)

    def taken_back(self, offer):
        offer.withdrawn = True
        if offer.case and offer.case.state == "approved":
            offer.case.state, offer.case.money = "withdrawn", {}
