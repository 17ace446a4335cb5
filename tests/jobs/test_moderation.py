"""Posts that want reading, and what staff does with them; what is told of new work; what must always be so."""

import pytest
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied
from django.test import Client

from accounts.models import Department, User
from cases.sweeping import sweep
from core.errors import Invalid, Refused
from jobs import contacting, moderation, posting
from jobs.models import Contact, JobMatch, Post, Worker
from jobs.pairs import matching
from notifications.models import Letter
from tests.notifications.register import tell_of
from tests.subsidies.world import owner_of

from .world import DAY, contact, faults, post, shop, today, work, worker

pytestmark = pytest.mark.django_db


def clerk(role="用工专员", username="jobs_clerk") -> User:
    department, _ = Department.objects.get_or_create(code="hrss", defaults={"name": "市人社局"})
    user, _ = User.objects.get_or_create(
        username=username, defaults={"is_staff": True, "department": department}
    )
    user.groups.set(Group.objects.filter(name=role))
    return user


def held(place=1):
    return post(place, words="先交押金 200 元")


def signed_in(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_what_was_held_back_is_released_and_its_shop_is_told():
    offered = held()

    moderation.release(offered, by=clerk(), expected_version=offered.version)

    offered.refresh_from_db()
    assert (offered.state, offered.because) == ("open", "")
    assert Letter.objects.get(business=offered.business).title == "招工“采春茶”可以招人了"


def test_what_is_released_while_its_shop_is_suspended_waits_for_the_shop():
    offered = held()
    tell_of(offered.business, "registry", operating_status="suspended")

    moderation.release(offered, by=clerk())

    offered.refresh_from_db()
    assert (offered.state, offered.because) == ("paused", posting.SUSPENDED)
    tell_of(offered.business, "registry", operating_status="operating")
    offered.refresh_from_db()
    assert offered.state == "open"
    assert faults() == []


def test_what_is_not_clear_is_held_back_with_a_reason_that_its_shop_is_told():
    offered, staff = post(), clerk()

    moderation.hold(offered, "工钱写得不清楚。", by=staff, expected_version=offered.version)

    offered.refresh_from_db()
    letter = Letter.objects.get(business=offered.business)
    assert (offered.state, offered.because, offered.handled_by) == ("held", "工钱写得不清楚。", staff)
    assert letter.title == "招工“采春茶”先不发布"
    assert letter.sentence == "原因：工钱写得不清楚。改好了，工作人员看过就发布。"
    posting.change(offered, work(words="一天一结"), by=offered.by)
    offered.refresh_from_db()
    assert (offered.state, offered.because) == ("held", "工钱写得不清楚。")
    moderation.release(offered, by=staff)
    assert Post.objects.get().state == "open"
    assert faults() == []


@pytest.mark.parametrize("state", ["held", "paused", "closed", "removed"])
def test_only_what_is_open_is_held_back(state):
    offered = post()
    Post.objects.update(state=state, because="停着")

    with pytest.raises(Refused, match="不能这样办"):
        moderation.hold(offered, "工钱写得不清楚", by=clerk())


def test_what_may_not_stand_is_removed_with_a_reason_and_whoever_asked_is_told():
    case, _, someone = contact()

    moderation.remove(case.contact.post, "要先交钱，不合规定", by=clerk())

    case.refresh_from_db()
    letters = list(
        Letter.objects.filter(business=case.business).order_by("pk").values_list("title", flat=True)
    )
    assert (case.state, Contact.objects.get().is_open) == ("refused", False)
    assert Post.objects.get().because == "要先交钱，不合规定"
    assert Letter.objects.get(user=someone).title == "没有谈成"
    assert letters == ["“采春茶”：有人想来干活", "“采春茶”：没有谈成", "招工“采春茶”被下架了"]
    assert faults() == []


@pytest.mark.parametrize("reason", ["", "不行", "长" * 201])
def test_what_is_held_back_or_removed_says_why(reason):
    offered = post()

    for verb, told in ((moderation.hold, "请写先不发布的原因"), (moderation.remove, "请写下架的原因")):
        with pytest.raises(Invalid, match=told):
            verb(offered, reason, by=clerk())
    assert Post.objects.get().state == "open"


@pytest.mark.parametrize(
    "role", ["审核员", "审批员", "财务", "服务专员", "机构专员", "审计员", "管理员", "政策专员"]
)
def test_others_of_the_staff_do_not_moderate(role):
    offered = held()

    for verb in (
        lambda: moderation.release(offered, by=clerk(role, "other")),
        lambda: moderation.hold(offered, "不合规定", by=clerk(role, "other")),
        lambda: moderation.remove(offered, "不合规定", by=clerk(role, "other")),
    ):
        with pytest.raises(PermissionDenied):
            verb()


def test_whoever_reads_an_old_page_changes_nothing():
    offered = held()
    moderation.release(offered, by=clerk())

    with pytest.raises(Refused, match="有变动"):
        moderation.remove(offered, "不合规定的", by=clerk(), expected_version=offered.version)


def test_whoever_has_reported_once_does_not_count_twice():
    offered, card = post(), worker()
    moderation.report(card.user, offered, "说的和写的不一样")

    with pytest.raises(Refused, match="已经说过"):
        moderation.report(card.user, offered, "说的和写的不一样")
    assert offered.reports.count() == 1


def test_a_shop_does_not_report_itself():
    offered = post()

    with pytest.raises(PermissionDenied):
        moderation.report(owner_of(offered.business), offered, "说的和写的不一样")


@pytest.mark.parametrize(("reporters", "state"), [(1, "open"), (2, "open"), (3, "held"), (4, "held")])
def test_three_people_hold_a_post_back(reporters, state):
    offered = post()
    for number in range(1, reporters + 1):
        moderation.report(worker(number).user, offered, "要先交钱才给做")

    offered.refresh_from_db()
    told = Letter.objects.filter(business=offered.business).values_list("title", "sentence")
    told_of_it = [("招工“采春茶”先不发布", "有人说这条招工不对，工作人员看过再发。")]
    assert (offered.state, list(told)) == (state, told_of_it if state == "held" else [])


def test_the_clerk_reads_reports_and_decides_in_the_admin():
    offered = post()
    for number in (1, 2, 3):
        moderation.report(worker(number).user, offered, f"第 {number} 次说：要先交钱")
    client = signed_in(clerk())

    assert "采春茶" in client.get("/admin/jobs/post/?state=held").content.decode()
    page = client.get(f"/admin/jobs/post/{offered.pk}/change/").content.decode()
    assert "第 3 次说：要先交钱" in page
    address = f"/admin/jobs/post/{offered.pk}/do/remove/"
    assert client.post(address, {"reason": ""}).status_code == 400
    assert client.post(address, {"reason": "要先交钱，不合规定"}).status_code == 302
    assert Post.objects.get().state == "removed"
    assert client.post(address, {"reason": "要先交钱，不合规定"}).status_code == 409


def test_the_auditor_reads_posts_and_contacts_and_does_nothing():
    case, _, someone = contact()
    client = signed_in(clerk("审计员", "auditor"))

    assert client.get(f"/admin/jobs/post/{case.contact.post.pk}/change/").status_code == 200
    page = client.get("/admin/jobs/contactcase/")
    assert case.number in page.content.decode()
    assert User.objects.get(pk=someone.pk).phone.reveal() not in page.content.decode()
    assert client.get(f"/admin/jobs/contactcase/{case.pk}/change/").status_code == 200
    assert (
        client.post(f"/admin/jobs/post/{case.contact.post.pk}/do/remove/", {"reason": "不合规定"}).status_code
        == 403
    )


# News


def test_new_work_and_new_people_are_told_once_a_day():
    offered, card = post(), worker()
    matching.match_all(today())

    for _ in range(2):
        sweep(today())

    assert list(Letter.objects.filter(user=card.user).values_list("title", flat=True)) == ["有 1 份活适合您"]
    assert list(Letter.objects.filter(business=offered.business).values_list("title", flat=True)) == [
        "有 1 个人适合“采春茶”"
    ]


def test_what_was_told_is_not_told_again_the_next_day_and_what_is_new_is(time_machine_to):
    post()
    card = worker()
    matching.match_all(today())
    sweep(today())
    time_machine_to(today() + DAY)
    sweep(today())
    assert Letter.objects.filter(user=card.user).count() == 1

    post(2, title="采夏茶")
    matching.match_all(today())
    sweep(today())

    assert Letter.objects.filter(user=card.user).count() == 2


@pytest.fixture
def time_machine_to():
    import time_machine

    travels = []

    def go(day):
        from datetime import datetime, time
        from zoneinfo import ZoneInfo

        moment = datetime.combine(day, time(10), tzinfo=ZoneInfo("Asia/Shanghai"))
        travels.append(time_machine.travel(moment, tick=False))
        travels[-1].start()

    yield go
    for one in reversed(travels):
        one.stop()


# What must always be so


def spoil_contact():
    case, *_ = contact()
    Contact.objects.update(is_open=False)
    return f"用工对接 {case.pk} 和办件的状态不一致"


def spoil_row():
    case, *_ = contact()
    Contact.objects.all().delete()
    return f"办件 {case.pk} 没有对接的两方"


def spoil_removed():
    case, *_ = contact()
    Post.objects.update(state="removed", because="不合规定")
    return f"用工对接 {case.pk} 的招工已经下架"


def spoil_shop():
    offered = post()
    type(offered.business).objects.filter(pk=offered.business_id).update(operating_status="suspended")
    return f"招工 {offered.pk} 的店没有正常经营"


def spoil_match():
    offered, card = post(), worker()
    JobMatch.objects.create(post=offered, worker=card, wants_fen=1, day_fen=1, for_post=True, for_worker=True)
    Worker.objects.update(state="stopped")
    return f"招工 {offered.pk} 和找活的人 {card.pk} 还配着，一方已经停了"


def spoil_availability():
    card = worker()
    card.availability.first().delete()
    return f"找活的人 {card.pk} 和查找用的不一致"


@pytest.mark.parametrize(
    "spoil", [spoil_contact, spoil_row, spoil_removed, spoil_shop, spoil_match, spoil_availability]
)
def test_what_is_not_as_it_must_be_is_named(spoil):
    sentence = spoil()

    assert sentence in faults()


def test_two_at_once_ask_the_last_place_that_a_post_has(monkeypatch):
    monkeypatch.setitem(contacting.figure.__globals__["said"](), "most_open", 1)
    offered = post()
    contacting.ask_shop(worker(1).user, offered)

    with pytest.raises(Refused, match="已经很多"):
        contacting.ask_shop(worker(2).user, offered)


def test_a_shop_offers_thirty_kinds_of_work_at_once_and_no_more(monkeypatch):
    monkeypatch.setattr(posting, "MOST_POSTS", 2)
    found, owner = shop()
    for _ in range(2):
        posting.publish(found, work(), by=owner)

    with pytest.raises(Refused, match="最多同时招 2 样"):
        posting.publish(found, work(), by=owner)
