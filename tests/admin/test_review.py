"""The queue and the case page for staff: what they show, what the buttons do, and what it costs."""

import json
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import AccessEvent
from cases.actions import correcting, interests
from subsidies.actions import applying, paying, reviewing
from subsidies.models import Application
from tests.markup import markup
from tests.notifications.register import identity, open_shop, tell_of
from tests.subsidies import world
from tests.subsidies.test_still_fits import paid_in_part

from .reviewing import QUEUE, benefit_to_review, case, defects, filed, mend, sent, signed_in, text, verdict_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def people(db):
    return world.bureau()


@pytest.fixture
def benefit(people):
    return benefit_to_review()


@pytest.fixture
def application(benefit):
    return filed(benefit, 1)


# The queue


def test_the_queue_says_what_the_machine_found_and_how_long_is_left(people, application):
    page = text(signed_in(people.reviewer).get(QUEUE))

    assert application.number in page
    assert "演示店001 试验补贴 5,000 元 ✓1 ?1 待受理 还有 15 天 —" in page


@pytest.mark.parametrize(
    ("view", "state"),
    [
        ("submitted", "submitted"),
        ("reviewing", "reviewing"),
        ("recommended", "recommended"),
        ("approved", "approved"),
    ],
)
def test_a_saved_view_shows_one_state(people, benefit, view, state):
    filed(benefit, 1)
    world.accepted(filed(benefit, 2), people)
    world.recommended(filed(benefit, 3), people)
    world.approved(filed(benefit, 4), people)

    found = signed_in(people.reviewer).get(f"{QUEUE}?view={view}").context_data["cl"].result_list

    assert [row.state for row in found] == [state]


def test_what_has_come_back_from_correction_has_a_view_of_its_own(people, application):
    correcting.request_correction(application, defects(), by=people.reviewer)
    mended = mend(application)

    found = signed_in(people.reviewer).get(f"{QUEUE}?view=corrected").context_data["cl"].result_list

    assert [row.pk for row in found] == [mended.pk]


def test_due_and_overdue_are_views(people, application):
    client, counts = signed_in(people.reviewer), []
    for offset in (0, 1):
        Application.objects.update(due_on=world.timezone.localdate() - world.date.resolution * offset)
        counts.append(
            [
                client.get(f"{QUEUE}?view={view}").context_data["cl"].result_count
                for view in ("today", "overdue")
            ]
        )

    assert counts == [[1, 0], [0, 1]]


@pytest.mark.parametrize("term", ["{number}", "{code}", "演示店001"])
def test_search_finds_by_number_credit_code_and_name(people, application, benefit, term):
    filed(benefit, 2)
    wanted = term.format(number=application.number, code=application.business.credit_code)

    found = signed_in(people.reviewer).get(QUEUE, {"q": wanted}).context_data["cl"].result_list

    assert [row.pk for row in found] == [application.pk]


def test_the_queue_costs_the_same_for_one_and_three(people, benefit):
    client, counts = signed_in(people.reviewer), []
    for places in ((1,), (2, 3)):
        for place in places:
            filed(benefit, place)
        client.get(QUEUE)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            client.get(QUEUE)
        counts.append(len(queries))

    assert counts[0] == counts[1]
    assert counts[1] <= 10


def test_nothing_is_added_or_deleted_here(people, application):
    client = signed_in(people.admin)

    assert client.get(f"{QUEUE}add/").status_code == 403
    assert client.post(case(application, "delete"), {"post": "yes"}).status_code == 403
    assert client.post(case(application), {"state": "approved"}).status_code == 403


@pytest.mark.parametrize("part", ["change", "refuse", "correct", "send-back", "act"])
def test_another_department_does_not_find_the_case(people, application, part):
    stranger = signed_in(world.bureau("other", "别的局").reviewer)

    answer = stranger.post if part == "act" else stranger.get

    assert answer(case(application, part)).status_code == 404


def test_taking_the_next_opens_the_earliest_due(people, benefit):
    late, early = filed(benefit, 1), filed(benefit, 2)
    Application.objects.filter(pk=early.pk).update(due_on=early.due_on.replace(year=early.due_on.year - 1))

    answer = signed_in(people.reviewer).post(f"{QUEUE}next/")

    assert answer.url == case(early)
    assert Application.objects.get(pk=early.pk).claimed_by == people.reviewer
    assert Application.objects.get(pk=late.pk).claimed_by is None


def test_finance_has_nothing_to_take(people, application):
    assert signed_in(people.finance).post(f"{QUEUE}next/").status_code == 403


# Several at once


def several(client, action, rows, view="submitted"):
    return client.post(
        f"{QUEUE}?view={view}", {"action": action, "_selected_action": [row.pk for row in rows]}
    )


def test_several_are_taken_at_once(people, benefit):
    rows = [filed(benefit, 1), filed(benefit, 2)]

    page = text(several(signed_in(people.reviewer), "take_these", rows))

    assert "共 2 件，办好了 2 件。" in page
    assert set(Application.objects.values_list("claimed_by", flat=True)) == {people.reviewer.pk}


def test_only_what_is_green_is_passed_at_once_and_each_has_its_own_result(people, benefit):
    green, open_one = (world.accepted(filed(benefit, place), people) for place in (1, 2))
    row = green.judged["criteria"][0]["id"]
    reviewing.set_verdicts(green, {row: {"verdict": "pass"}}, by=people.reviewer)
    client = signed_in(people.reviewer)

    page = text(several(client, "pass_these", [green, open_one], view="reviewing"))

    assert "共 2 件，办好了 1 件。" in page
    assert "已建议批准，等审批" in page
    assert "不是每一条都是绿的" in page
    assert dict(Application.objects.values_list("pk", "state")) == {
        green.pk: "recommended",
        open_one.pk: "reviewing",
    }


# The case page


def test_the_case_page_shows_criterion_evidence_and_person_in_few_queries(people, benefit, application):
    client = signed_in(people.reviewer)
    client.get(case(application))
    with CaptureQueriesContext(connection) as queries:
        page = text(client.get(case(application)))

    assert len(queries) <= 25, "\n".join(query["sql"][:150] for query in queries)
    assert "520201********" in page
    assert identity(1) not in page
    assert "查到 是（店主填写" in page
    assert "建议金额 5,000 元" in page
    assert "没有别的办件。" in page
    assert AccessEvent.objects.filter(action="see_application", user=people.reviewer).count() == 2


def test_the_case_page_costs_the_same_with_more_of_everything(people, benefit, application):
    other = world.grant_of_money("T01b")
    correcting.request_correction(application, defects(), by=people.reviewer)
    mend(application)
    owner = application.submitter
    world.filed(other, application.business, owner)
    client = signed_in(people.reviewer)
    client.get(case(application))

    with CaptureQueriesContext(connection) as queries:
        client.get(case(application))

    assert len(queries) <= 25, "\n".join(query["sql"][:150] for query in queries)


def test_the_same_person_account_and_address_are_pointed_out(people, benefit):
    first = world.shop_with_rent(1)
    other = world.shop_with_rent(2)
    for shop in (first, other):
        shop.address = "钟山大道 8 号" if shop == first else "钟山大道8号"
        shop.save(update_fields=["address"])
    mine = world.filed(benefit, first, world.owner_of(first))
    theirs = world.filed(benefit, other, world.owner_of(other))
    theirs.account.number_index = mine.account.number_index
    theirs.account.save(update_fields=["number_index"])
    second_benefit = world.grant_of_money("T01b")
    again = world.filed(second_benefit, first, mine.submitter)

    answer = signed_in(people.reviewer).get(case(mine))

    page, about = text(answer), f"{theirs.number} 演示店002，演示人，待受理"
    assert f"{again.number} 试验补贴，演示店001，待受理" in page
    assert f"同一账户 另一个人也登记了这个收款账号。 {about}" in page
    assert f"同址 另一个人在同一个地址申请这一项。 {about}" in page
    # Both lead to the other case, and nothing is decided before both were looked at.
    assert answer.content.decode().count(f'href="{case(theirs)}"') == 2
    assert page.count("还没有核对") == 2


def pair_at_one_address(benefit):
    """Two cases of two people for one benefit at one address; the second is looked at."""
    for place in (1, 2):
        shop = world.shop_with_rent(place)
        shop.address = "钟山大道 8 号"
        shop.save(update_fields=["address"])
        found = world.filed(benefit, shop, world.owner_of(shop))
    return found


def test_what_came_of_looking_is_written_down_with_the_verdicts(people, benefit):
    mine = pair_at_one_address(benefit)
    client, flag = signed_in(people.reviewer), mine.risks.get()
    said = {f"risk-{flag.pk}": "shared", f"risk-{flag.pk}-note": "看过现场，一址两户"}

    short = client.post(case(mine, "act"), sent(mine, f"clear-{flag.pk}", **{f"risk-{flag.pk}": "shared"}))
    done = client.post(
        case(mine, "act"), sent(mine, f"clear-{flag.pk}", **said, **verdict_of(mine)), follow=True
    )

    flag.refresh_from_db()
    mine.refresh_from_db()
    assert (short.status_code, "请写明怎么核对的，至少 4 个字" in text(short)) == (409, True)
    assert (flag.outcome, flag.note, flag.cleared_by) == ("shared", "看过现场，一址两户", people.reviewer)
    assert [row["verdict"] for row in mine.verdicts.values()] == ["pass"]
    assert "一址多户 ：看过现场，一址两户" in text(done)
    assert "一址多户 ：看过现场，一址两户" in text(signed_in(people.approver).get(case(mine)))


def test_a_conclusion_on_a_page_overtaken_is_refused(people, benefit):
    mine = pair_at_one_address(benefit)
    flag = mine.risks.get()
    said = {f"risk-{flag.pk}": "shared", f"risk-{flag.pk}-note": "看过现场，一址两户"}

    answer = signed_in(people.reviewer).post(
        case(mine, "act"), sent(mine, f"clear-{flag.pk}", **said, expected_version=99)
    )

    flag.refresh_from_db()
    assert (answer.status_code, flag.outcome) == (409, "")


def test_the_approver_ticks_that_the_account_was_looked_at_again(people, benefit):
    mine, theirs = filed(benefit, 1), filed(benefit, 2)
    theirs.account.number_index = mine.account.number_index
    theirs.account.save(update_fields=["number_index"])
    client = signed_in(people.reviewer)
    client.get(case(mine))
    flag = mine.risks.get()
    said = {f"risk-{flag.pk}": "family", f"risk-{flag.pk}-note": "户口本核对过，夫妻"}
    client.post(case(mine, "act"), sent(mine, f"clear-{flag.pk}", **said, **verdict_of(mine)))
    mine.refresh_from_db()
    client.post(case(mine, "act"), sent(mine, "pass"))
    mine.refresh_from_db()
    approver = signed_in(people.approver)

    without = approver.post(case(mine, "act"), sent(mine, "pass"))
    page = markup(approver.get(case(mine)))
    approver.post(case(mine, "act"), sent(mine, "pass", confirmed=[str(flag.pk), "x"]))

    mine.refresh_from_db()
    assert (without.status_code, "审批人也核对一遍" in text(without)) == (409, True)
    assert f'name="confirmed" value="{flag.pk}"' in page
    assert mine.state == "approved"


def test_what_was_flagged_is_not_passed_with_others_even_after_somebody_has_looked(people, benefit):
    mine = pair_at_one_address(benefit)
    flag = mine.risks.get()
    said = {f"risk-{flag.pk}": "shared", f"risk-{flag.pk}-note": "看过现场，一址两户"}
    client = signed_in(people.reviewer)
    client.post(case(mine, "act"), sent(mine, f"clear-{flag.pk}", **said, **verdict_of(mine)))

    page = text(client.post(QUEUE, {"action": "pass_these", "_selected_action": [mine.pk]}))

    mine.refresh_from_db()
    assert (mine.state, "这一件有过风险提示，不能批量通过" in page) == ("submitted", True)


def test_the_queue_says_what_is_so_now_and_not_what_was_so_when_it_was_filed(people):
    benefit = world.grant_of_money(criteria=world.IN_DISTRICT)
    world.envelope(benefit)
    application, client = filed(benefit, 1), signed_in(people.reviewer)
    before = text(client.get(QUEUE))

    tell_of(application.business, "registry", district="520203")

    assert "演示店001 试验补贴 5,000 元 ✓1 待受理" in before
    assert "演示店001 试验补贴 5,000 元 ✕1 待受理" in text(client.get(QUEUE))


def test_the_reason_why_a_material_was_not_handed_in_stands_before_the_reviewer(people, benefit):
    shop = world.shop_with_rent(3)
    owner = world.owner_of(shop)
    draft = applying.begin(shop, benefit, by=owner)
    draft = applying.excuse(draft, "租赁合同", "房子是自己的，没有合同", by=owner)
    found = applying.submit(applying.declare(draft, by=owner), by=owner)

    assert "店主写：不适用，房子是自己的，没有合同" in text(signed_in(people.reviewer).get(case(found)))


def test_verdicts_are_kept_without_deciding(people, application):
    client, version = signed_in(people.reviewer), application.version

    answer = client.post(case(application, "act"), sent(application, "save", **verdict_of(application)))

    application.refresh_from_db()
    assert (answer.status_code, application.state, application.version) == (302, "submitted", version + 1)
    assert [row["verdict"] for row in application.verdicts.values()] == ["pass"]
    assert "checked" in client.get(case(application)).content.decode()


def test_verdicts_are_kept_while_the_page_stays_open(people, application):
    client = signed_in(people.reviewer)

    answer = client.post(
        case(application, "act"),
        sent(application, "save", **verdict_of(application)),
        headers={"X-Review": "1"},
    )

    told = json.loads(answer.content)
    assert (told["version"], told["clean"], told["unmet"]) == (application.version + 1, True, [])


def test_keeping_the_same_verdicts_again_changes_nothing(people, application):
    client = signed_in(people.reviewer)
    given = sent(application, "save", **verdict_of(application))
    client.post(case(application, "act"), given)
    client.post(case(application, "act"), given | {"expected_version": application.version + 1})

    assert Application.objects.get(pk=application.pk).version == application.version + 1


def test_one_button_accepts_recommends_and_opens_the_next(people, benefit):
    first, second = filed(benefit, 1), filed(benefit, 2)

    answer = signed_in(people.reviewer).post(
        case(first, "act"), sent(first, "pass", **verdict_of(first)), follow=True
    )

    first.refresh_from_db()
    assert (first.state, first.reviewer) == ("recommended", people.reviewer)
    assert answer.redirect_chain[-1][0] == case(second)
    assert f"{first.number} 演示店001：已建议批准，等审批。" in text(answer)


def test_the_approver_presses_the_same_button(people, application):
    ready = world.recommended(application, people)

    answer = signed_in(people.approver).post(case(ready, "act"), sent(ready, "pass"), follow=True)

    ready.refresh_from_db()
    assert (ready.state, ready.approver) == ("approved", people.approver)
    assert "没有等您办的件了。" in text(answer)


def test_what_is_missing_is_said_and_what_was_chosen_stays(people, application):
    answer = signed_in(people.reviewer).post(
        case(application, "act"), sent(application, "pass", **verdict_of(application, "correct"))
    )

    application.refresh_from_db()
    assert (answer.status_code, application.state) == (409, "submitted")
    assert "您判的是不符合或要补正" in text(answer)
    assert 'value="correct" checked' in markup(answer)


def test_going_against_the_machine_takes_a_note_and_a_second_approver(people, application):
    application.answers = {"rents_premises": False}  # as a correction leaves it
    application.save(update_fields=["answers"])
    given = verdict_of(application) | verdict_of(application, "pass", 1)
    client = signed_in(people.reviewer)

    refused = client.post(case(application, "act"), sent(application, "pass", **given))
    client.post(case(application, "act"), sent(application, "pass", override_note="合同原件已核对", **given))

    application.refresh_from_db()
    assert "请写明理由" in text(refused)
    assert (application.state, application.override_note) == ("recommended", "合同原件已核对")
    signed_in(people.approver).post(case(application, "act"), sent(application, "pass"))
    application.refresh_from_db()
    assert application.state == "countersigning"


def test_a_page_overtaken_says_what_has_changed_and_keeps_what_was_typed(people, application):
    client = signed_in(people.reviewer)
    seen = re.search(r'name="seen" value="([^"]+)"', markup(client.get(case(application)))).group(1)
    world.accepted(application, people)

    answer = client.post(
        case(application, "act"),
        sent(application, "pass", seen=seen, override_note="已经写好的理由", **verdict_of(application)),
    )

    page = text(answer)
    assert answer.status_code == 409
    assert "状态：原来是“待受理”，现在是“审核中”。" in page
    assert "已经写好的理由" in page
    assert 'value="pass" checked' in markup(answer)


def test_somebody_with_an_interest_only_looks(people, application):
    interests.declare(identity(1), "kin", by=people.reviewer)
    client = signed_in(people.reviewer)

    page = text(client.get(case(application)))

    assert "这一件要回避，只能看" in page
    assert "建议批准）" not in page
    assert client.post(case(application, "act"), sent(application, "pass")).status_code == 403


def test_what_the_person_was_granted_in_twelve_months_stands_beside_the_button(people):
    first = world.grant_of_money("T01c", amount="6000")
    second = world.grant_of_money("T01d", amount="5000")
    for one in (first, second):
        world.envelope(one)
    shop = open_shop(1)
    owner = world.owner_of(shop)
    world.approved(world.filed(first, shop, owner), people)
    application = world.recommended(world.filed(second, shop, owner), people)

    page = text(signed_in(people.approver).get(case(application)))

    assert "这个人近 12 个月已批准 6,000 元，加上这一件共 11,000 元。" in page
    assert "建议金额 5,000 元 · 要两个人批准" in page


def test_of_a_case_paid_in_part_a_reviewer_says_on_its_page_that_it_goes_on(people):
    application = paid_in_part(people)
    tell_of(application.business, district="520203")
    paying.prepare(people.department, by=people.finance)
    flag = application.risks.get()
    client, other = signed_in(people.reviewer), signed_in(people.approver)
    version = Application.objects.get(pk=application.pk).version

    assert "核对过，后面的继续拨" in text(client.get(case(application)))
    assert "核对过，后面的继续拨" not in text(other.get(case(application)))
    fields = {f"risk-{flag.pk}": "goes_on", f"risk-{flag.pk}-note": "只是办公地址变了"}
    data = {"do": f"clear-{flag.pk}", "expected_version": version, **fields}
    client.post(case(application, "act"), data)
    flag.refresh_from_db()

    assert (flag.outcome, flag.cleared_by) == ("goes_on", people.reviewer)
