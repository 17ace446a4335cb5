"""The part of a walk that is about offers (免申即享): mixed into the machine of test_lifecycle.py."""

from subsidies.actions import automatic_grants
from subsidies.models import Offer, OfferList

from . import model

OFFER_STEPS = ("list", "confirm", "take up", "take back", "cancel")
OFFERED_TO = (0, 1)  # places of the shops that fit what is offered
# Who does which step where all goes well.
USUAL = {
    **{"list": "reviewer", "confirm": "approver", "take up": "owner"},
    **{"take back": "approver_2", "cancel": "reviewer"},
}


class Offers:
    """Needs ``self.bureau`` (model.Bureau), ``self.city``, ``self.user``, ``self.tried`` and ``self.seen``."""

    def offer(self, step, who, pick):
        if step == "list":
            done = self.list_offers(who)
        elif step in ("confirm", "cancel"):
            done = bool(self.bureau.lists) and self.work_on_a_list(self.bureau.lists[-1], step, who)
        else:
            offers = self.bureau.offers()
            offer = offers[-1 - pick % len(offers)] if offers else None
            done = bool(offers) and getattr(self, step.replace(" ", "_"))(offer, who)
        self.seen |= {step} if done else set()

    def offer_the_usual_way(self, picks):
        steps = ("list", "cancel") if picks[0] == 9 else OFFER_STEPS[: 1 + picks[0] % 4]
        for step in steps:
            self.offer(step, USUAL[step], picks[1])

    def list_offers(self, who):
        to_be_listed = self.bureau.to_be_listed(OFFERED_TO)
        by = self.city.owners[0] if who == "owner" else self.user(who)
        done = self.tried(
            lambda: automatic_grants.prepare_list(self.city.benefits["T01b"], self.bureau.year, by=by)
        )
        assert done == (who in model.REVIEWERS and bool(to_be_listed))
        if done:
            row = OfferList.objects.latest("pk")
            listing = model.Listing(row.pk, who)
            places = {shop.pk: place for place, shop in enumerate(self.city.shops)}
            pairs = row.offers.values_list("pk", "business")
            listing.offers = [model.Offer(pk, places[shop], listing) for pk, shop in pairs]
            assert {offer.shop for offer in listing.offers} == to_be_listed
            self.bureau.lists.append(listing)
        return done

    def work_on_a_list(self, listing, step, who):
        row, by = OfferList.objects.get(pk=listing.pk), self.city.owners[0]
        by = by if who == "owner" else self.user(who)
        expected = getattr(self.bureau, f"may_{step}")(listing, who)
        done = self.tried(lambda: getattr(automatic_grants, f"{step}_list")(row, by=by))
        assert done == expected, (step, listing, who)
        if done:
            after = self.bureau.confirmed if step == "confirm" else self.bureau.cancelled_list
            after(listing, who)
        return done

    def take_up(self, offer, who):
        by = self.city.owners[offer.shop] if who == "owner" else self.user(who)
        expected, found = self.bureau.may_take_up(offer, who), []
        done = self.tried(
            lambda: found.append(automatic_grants.accept(Offer.objects.get(pk=offer.pk), by=by))
        )
        assert done == expected, (offer, who)
        if done and offer.case is None:
            self.bureau.taken_up(offer, found[0].pk, offer.shop + 1, self.city.parts["T01b"])
        assert not done or found[0].pk == offer.case.pk
        return done

    def take_back(self, offer, who):
        row, by = Offer.objects.get(pk=offer.pk), self.city.owners[0]
        by = by if who == "owner" else self.user(who)
        done = self.tried(lambda: automatic_grants.take_back(row, because="部门数据有误", by=by))
        assert done == bool(self.bureau.may_take_back(offer, who)), (offer, who)
        if done:
            self.bureau.taken_back(offer)
        return done
