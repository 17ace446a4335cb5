"""好差评: rated once by the address alone; what is bad is answered and mended in time, and may be rated once more."""

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from cases import letters
from cases.actions import rating as ratings
from cases.models import AuditEntry, Rating
from cases.procedure import PROCEDURES
from core.errors import Invalid, Refused
from core.workdays import add_workdays
from notifications.letters import words_of
from notifications.models import Letter
from notifications.outside.digests import Said, mail
from tests.notifications.register import open_shop

from ..subsidies import world

# Nobody of a bureau has a hand in it: who did not come, two people about work, a visit that was not made. What is rated
# of a visit is its day (visits/telling.py).
UNRATED = {
    "booking": {"no_show"},
    "enrolment": {"no_show"},
    "contact": {"worked", "refused", "filled"},
    "visit": {"done", "merged"},
}
MENDED = "以后收到材料当天就看，不再让您等。"


@pytest.fixture
def people(db):
    return world.bureau()


@pytest.fixture
def rating(people):
    benefit, shop = world.grant_of_money(), open_shop(1)
    application = world.filed(benefit, shop, world.owner_of(shop))
    return letters.rating_of(application, "pay 1")


def test_a_stage_is_rated_once(rating):
    ratings.rate(rating, 5, ["办得快"], "谢谢")

    with pytest.raises(Refused, match="已经评过"):
        ratings.rate(rating, 1)

    rating.refresh_from_db()
    assert (rating.level, rating.tags, rating.words) == (5, ["办得快"], "谢谢")
    assert (rating.contact_by, rating.mend_by) == (None, None)


def test_a_bad_rating_is_answered_in_one_working_day_and_mended_in_fifteen(rating):
    today = timezone.localdate()

    found = ratings.rate(rating, 2, ["等得太久"])

    assert found.contact_by == add_workdays(today, 1)
    assert found.mend_by == add_workdays(today, 15)


@pytest.mark.parametrize("level", [0, 6, None])
def test_a_level_is_one_of_five(rating, level):
    with pytest.raises(Invalid, match="请选一项评价"):
        ratings.rate(rating, level)


def test_tags_belong_to_the_level(rating):
    with pytest.raises(Invalid, match="原因和评价对不上"):
        ratings.rate(rating, 5, ["等得太久"])


def test_what_is_bad_is_called_about_then_mended_and_the_owner_is_told(rating, people):
    ratings.rate(rating, 1)

    with pytest.raises(Refused, match="请先联系店主"):
        ratings.mend(rating, MENDED, by=people.reviewer)
    ratings.contacted(rating, by=people.reviewer)
    ratings.mend(rating, MENDED, by=people.reviewer)

    letter = Letter.objects.order_by("-id").first()
    assert letter.sentence == "以后收到材料当天就看，不再让您等。您可以再评一次。"
    assert letter.action_path == f"/rate/{rating.token}/"


def test_once_mended_it_may_be_rated_once_more(rating, people):
    ratings.rate(rating, 1)
    with pytest.raises(Refused):
        ratings.rate_again(rating, 4)
    ratings.contacted(rating, by=people.reviewer)
    ratings.mend(rating, MENDED, by=people.reviewer)

    ratings.rate_again(rating, 4)
    with pytest.raises(Refused, match="已经评过"):
        ratings.rate_again(rating, 5)

    rating.refresh_from_db()
    assert (rating.level, rating.second) == (1, 4)


def test_other_bureaus_do_not_answer_it(rating):
    ratings.rate(rating, 1)

    with pytest.raises(PermissionDenied):
        ratings.contacted(rating, by=world.bureau("others", "别的局").reviewer)


def test_whoever_handled_the_case_does_not_learn_who_rated_it(people):
    benefit, shop = world.grant_of_money(), open_shop(1)
    world.envelope(benefit)
    application = world.approved(world.filed(benefit, shop, world.owner_of(shop)), people)
    rating = ratings.rate(letters.rating_of(application, "decide"), 1)
    colleague = world.all_rounder(people)

    with pytest.raises(PermissionDenied):
        ratings.contacted(rating, by=people.reviewer)
    ratings.contacted(rating, by=colleague)

    assert [Rating.objects.visible_to(user).count() for user in (people.reviewer, people.approver)] == [0, 0]
    assert Rating.objects.visible_to(colleague).get() == rating
    entry = AuditEntry.objects.get(verb="contact_rater")
    assert (entry.case, entry.department_id, entry.subject) == (
        None,
        application.department_id,
        f"rating {rating.pk}",
    )


def test_the_letter_about_a_decision_leads_to_its_rating(people):
    benefit, shop = world.grant_of_money(), open_shop(1)
    world.envelope(benefit)
    application = world.approved(world.filed(benefit, shop, world.owner_of(shop)), people)

    letter, rating = Letter.objects.order_by("-id").first(), application.ratings.get()
    text, html = mail([Said(None, words_of(letter))], "https://zc.example.cn", "")

    assert (rating.stage, letter.rate_path) == ("decide", f"/rate/{rating.token}/")
    assert letter.action_path.endswith("letter/decision/")
    assert f"给这次服务打分，不用登录：https://zc.example.cn/rate/{rating.token}/" in text
    assert f'<a href="https://zc.example.cn/rate/{rating.token}/">' in html


def test_what_was_rated_is_not_asked_for_again(people):
    benefit, shop = world.grant_of_money(criteria=world.IN_DISTRICT), open_shop(1)
    application = world.filed(benefit, shop, world.owner_of(shop))
    ratings.rate(letters.rating_of(application, "decide"), 5)

    world.refused(application, people)

    assert Letter.objects.order_by("-id").first().rate_path == ""


def test_a_verb_that_leads_elsewhere_asks_for_no_rating(people):
    benefit, shop = world.grant_of_money(), open_shop(1)
    world.envelope(benefit)
    application = world.approved(world.filed(benefit, shop, world.owner_of(shop)), people)
    Rating.objects.all().delete()

    letter = letters.tell(application, "accept")

    assert (letter.rate_path, Rating.objects.exists()) == ("", False)


def test_no_letter_before_the_outcome_leads_to_a_rating(people):
    benefit, shop = world.grant_of_money(), open_shop(1)

    world.recommended(world.filed(benefit, shop, world.owner_of(shop)), people)

    assert set(Letter.objects.values_list("rate_path", flat=True)) == {""}
    assert not Rating.objects.exists()


OWN_END = {
    "withdrawn",
    "expired",
}  # taken back by whoever asked, or nobody has done anything that could be rated


@pytest.mark.parametrize("procedure", PROCEDURES.values(), ids=lambda one: one.key)
def test_every_outcome_of_a_bureau_may_be_rated_once_it_is_reached(procedure):
    """On the way there, where it is told before the case is closed."""
    asked = {key for key, state in procedure.states.items() if state.rates}
    before = {
        end
        for verb in procedure.verbs.values()
        for start, ends in verb.moves.items()
        for end in ends
        if start in asked
    }
    ends = {key for key, state in procedure.states.items() if state.outcome and state.outcome not in OWN_END}

    assert {state.rates for state in procedure.states.values()} - {""} <= set(procedure.rated)
    assert ends - asked - before <= UNRATED.get(procedure.key, set())


def test_a_good_rating_needs_no_mending(rating, people):
    ratings.rate(rating, 4)

    with pytest.raises(Refused, match="只有差评"):
        ratings.contacted(rating, by=people.reviewer)

    assert Rating.objects.get(pk=rating.pk).contacted_at is None
