"""The pages on which staff watch pushes, and the verbs on them. Who may open which: tests/authz/matrix.py."""

import csv
import html
import io
import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import AccessEvent
from businesses.models import Binding, Business
from businesses.register import Arrival, take_in
from notifications import sweep
from notifications.models import Delivery, DeliveryItem, KillSwitch, Notification, PushChunk, PushRun
from policies.models import BenefitVersion
from tests.markup import markup
from tests.standing import stands

from .conftest import messages

pytestmark = pytest.mark.django_db
BASE = "/admin/notifications/pushrun"
DELIVERIES = "/admin/notifications/delivery"


_told = stands(sweep.relay, on="_demo")


@pytest.fixture
def told(_told, demo_accounts):
    """The owners of the demo have been told."""


@pytest.fixture
def run(demo_accounts):
    """A run in the middle of its work."""
    version = BenefitVersion.objects.get(benefit__code="M05a")
    run = PushRun.objects.create(version=version, cause="policy", day="2026-11-25", scope="tests")
    now = timezone.now()
    PushChunk.objects.create(run=run, lo=0, hi=100, done_at=now, told=7)
    PushChunk.objects.create(run=run, lo=100, tries=2, problem="磁盘已满")
    return run


@pytest.fixture
def failed(told):
    """A delivery that was not taken."""
    message = Notification.objects.order_by("pk").first()
    user = Binding.objects.get(operator=message.operator_id).user
    delivery = Delivery.objects.create(
        user=user, channel="sms", status="failed", tries=5, problem="号码不存在", due_at=timezone.now()
    )
    DeliveryItem.objects.create(delivery=delivery, notification=message, user=user, channel="sms")
    return delivery


def text(response):
    assert response.status_code == 200
    body = re.sub(r"<(script|style).*?</\1>", "", response.content.decode(), flags=re.DOTALL)
    return html.unescape(" ".join(re.sub(r"<[^>]+>", " ", body).split()))


def press(client, run, verb):
    return messages(client.post(f"{BASE}/{run.pk}/act/{verb}/", follow=True))


# A run


def test_a_running_run_shows_how_far_it_is_and_refreshes_itself(signed_in, run):
    response = signed_in("hr_policy").get(f"{BASE}/{run.pk}/change/")

    page = text(response)
    assert response["Refresh"] == "3"
    assert "进行中 · 1 / 2 段，" in page
    assert "写入消息 7 条" in page
    assert "磁盘已满 1 2" in page
    assert '<progress max="2" value="1">' in markup(response)
    assert re.findall(r"<button class=\"button\">(\w+)</button>", markup(response)) == [
        "暂停",
        "确认取消",
    ]


def test_an_officer_pauses_resumes_and_cancels(signed_in, run):
    client = signed_in("hr_policy")

    said, states = [], []
    for verb in ("pause", "resume", "cancel"):
        said += press(client, run, verb)
        run.refresh_from_db()
        states.append(run.status)

    assert said == [
        "已暂停。正在写的一段写完就停。",
        "已继续。",
        "已取消。不再告诉任何人，匹配结果还会在后台更新。",
    ]
    assert states == ["paused", "running", "cancelled"]
    assert run.quiet is True
    actions = AccessEvent.objects.filter(subject=f"push run {run.pk}").order_by("pk")
    assert [event.action for event in actions] == ["pause_push", "resume_push", "cancel_push"]


def test_a_button_of_a_page_that_is_out_of_date_is_refused_with_what_to_do(signed_in, run):
    client = signed_in("hr_policy")
    press(client, run, "pause")

    assert press(client, run, "pause") == ["这一批刚刚有变化，请刷新页面再办。"]
    assert client.post(f"{BASE}/{run.pk}/act/destroy/").status_code == 404


def test_whoever_only_looks_has_no_buttons(signed_in, run):
    client = signed_in("auditor")

    page = client.get(f"{BASE}/{run.pk}/change/").content.decode()

    assert "暂停" not in page
    assert "/act/" not in page
    assert client.post(f"{BASE}/{run.pk}/act/pause/").status_code == 403
    run.refresh_from_db()
    assert run.status == "running"


def test_a_run_that_is_done_shows_its_funnel_and_what_was_sent(signed_in, failed):
    run = PushRun.objects.get(pk=Notification.objects.order_by("pk").first().run_id)

    response = signed_in("auditor").get(f"{BASE}/{run.pk}/change/")

    page = text(response)
    assert "Refresh" not in response
    assert "从符合到到账" in page
    assert "短信 没有送达 号码不存在 1" in page
    told = Notification.objects.filter(run=run).exclude(kind=4).values("operator").distinct().count()
    assert re.search(r"写入消息 (\d+) [\d.]+% 绑定了店", page)[1] == str(told)
    assert markup(response).count('<svg class="push-bar" aria-hidden="true"') == 8


def test_the_list_shows_progress_and_runs_that_grow_with_the_day(signed_in, run):
    PushRun.objects.create(version=run.version, cause="profile", day="2026-11-25", status="done", quiet=True)

    page = text(signed_in("hr_policy").get(f"{BASE}/"))

    assert "进行中 1 / 2 段" in page
    assert "店铺信息变化 2026-11-25 已完成（只匹配，不推送） 随时更新" in page


# The kill switch


def test_everything_is_stopped_with_a_reason_shown_on_every_page_and_released(signed_in, run):
    client = signed_in("hr_policy")

    refused = messages(client.post(f"{BASE}/switch/", {"verb": "stop", "reason": "  "}, follow=True))
    stopped = messages(client.post(f"{BASE}/switch/", {"verb": "stop", "reason": "短信有误"}, follow=True))
    again = messages(client.post(f"{BASE}/switch/", {"verb": "stop", "reason": "再停"}, follow=True))
    banners = {
        address: "全部推送已停。 从 " in text(signed_in("auditor").get(address))
        for address in (
            "/admin/", f"{BASE}/", f"{BASE}/switch/", f"{BASE}/funnels/", f"{BASE}/uptake/",
            f"{BASE}/{run.pk}/change/", f"{DELIVERIES}/",
        )
    }  # fmt: skip
    waits = "总开关停着，这一批在等。" in text(client.get(f"{BASE}/{run.pk}/change/"))
    released = messages(client.post(f"{BASE}/switch/", {"verb": "release"}, follow=True))
    twice = messages(client.post(f"{BASE}/switch/", {"verb": "release"}, follow=True))

    assert (refused, stopped) == (["请写明为什么要停，恢复的人要看。"], ["全部推送已停。"])
    assert (again, released) == (["总开关已经是停的。"], ["推送已恢复，从停下的地方继续。"])
    assert twice == ["推送没有停，不用恢复。"]
    assert set(banners.values()) == {True}
    assert waits
    assert not KillSwitch.objects.exists()


def test_the_state_of_the_switch_is_told_to_whoever_may_not_use_it(signed_in, demo_accounts):
    KillSwitch.objects.create(reason="短信有误")

    page = text(signed_in("auditor").get(f"{BASE}/switch/"))

    assert "推送已停" in page
    assert "原因：短信有误" in page
    assert "您可以看，不能操作。要停下或恢复，请找政策专员。" in page


def test_what_is_wrong_is_shown_on_the_first_page_to_those_who_watch_pushes(signed_in, run):
    PushRun.objects.all().update(status="done")
    PushRun.objects.filter(pk=run.pk).update(status="failed")
    sentence = f"{run.version}，政策变化（2026-11-25）：有几段没有做完。"

    pages = {name: text(signed_in(name).get("/admin/")) for name in ("hr_policy", "auditor", "hr_reviewer")}

    assert {name: sentence in page for name, page in pages.items()} == {
        "hr_policy": True,
        "auditor": True,
        "hr_reviewer": False,
    }


# Figures


def test_the_funnels_of_all_versions_stand_in_one_table(signed_in, told):
    page = text(signed_in("hr_policy").get(f"{BASE}/funnels/"))

    version = BenefitVersion.objects.get(benefit__code="M04a")
    people = (
        Notification.objects.filter(version=version).exclude(kind=4).values("operator").distinct().count()
    )
    assert people > 0
    assert f"{version} {version.benefit.title} {people} {people} " in page


def test_the_page_of_a_version_leads_to_its_runs(signed_in, failed):
    version = BenefitVersion.objects.get(pk=Notification.objects.order_by("pk").first().version_id)

    response = signed_in("hr_policy").get(f"{BASE}/version/{version.pk}/")

    page = response.content.decode()
    for run in PushRun.objects.filter(version=version):
        assert f'href="{BASE}/{run.pk}/change/"' in page
    assert f'href="{BASE}/audience/{version.pk}/"' in page
    assert "短信 没有送达 号码不存在 1" in text(response)


def test_the_file_of_what_nobody_has_taken_up_equals_the_page_and_holds_no_formula(signed_in, told):
    shop = Business.objects.order_by("pk").first()
    take_in([Arrival({"registry": {"district": "520203"}}, business_id=shop.pk)], on=timezone.localdate())
    sweep.relay()
    client = signed_in("auditor")

    page = text(client.get(f"{BASE}/uptake/"))
    response = client.get(f"{BASE}/uptake.csv")

    lines = b"".join(response.streaming_content).decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(lines)))
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert f'filename="uptake-{timezone.localdate()}.csv"' in response["Content-Disposition"]
    assert len(rows) > 1
    for row in rows:
        assert f"{row['事项编号']} {row['事项']} {row['县区']} {row['应享未享（户）']} " in page
    assert AccessEvent.objects.filter(action="export", subject="uptake").count() == 1


# Who would be told


def test_a_draft_shows_step_by_step_who_would_be_told_and_what_they_would_read(signed_in, told, draft):
    content = draft.content
    content["parameters"]["grant"][0]["value"] = "6000"
    draft.content = content
    draft.save()

    response = signed_in("admin").get(f"{BASE}/audience/{draft.pk}/")

    page = text(response)
    assert "一次性创业补贴，草稿。" in page
    assert re.search(r"(\d+) 人会收到消息", page)[1] == "2"
    assert "减去：不知道经营者是谁的店 — 2 户" in page
    assert "演示茶叶店从 " in page or "演示茶叶店：原来 5,000 元，现在 6,000 元。" in page
    assert "他们会看到的消息" in page


def test_an_officer_who_does_not_read_the_register_sees_no_name_of_a_shop(signed_in, told, draft):
    content = draft.content
    content["parameters"]["grant"][0]["value"] = "6000"
    draft.content = content
    draft.save()

    page = text(signed_in("hr_policy").get(f"{BASE}/audience/{draft.pk}/"))

    assert "一家店" in page
    assert not any(name in page for name in Business.objects.values_list("name", flat=True))


def test_an_audience_of_nobody_says_which_step_emptied_it(signed_in, told, published):
    page = text(signed_in("hr_policy").get(f"{BASE}/audience/{published.pk}/"))

    assert "没有人会收到消息：在“结果和以前一样，不用再说”这一步，剩下的 2 人都减掉了。" in page


def test_a_draft_that_cannot_be_read_says_what_to_do(signed_in, draft):
    draft.content = draft.content | {"criteria": {"all": [{"fact": "nothing", "op": "eq", "value": 1}]}}
    draft.save()

    page = text(signed_in("hr_policy").get(f"{BASE}/audience/{draft.pk}/"))

    assert "规则还读不出来，请先改好" in page


# What was sent


def test_an_officer_sends_again_what_was_not_taken(signed_in, failed):
    client, key = signed_in("hr_policy"), failed.key
    assert "再发一次" in text(client.get(f"{DELIVERIES}/{failed.pk}/change/"))

    first = messages(client.post(f"{DELIVERIES}/{failed.pk}/redrive/", follow=True))
    Delivery.objects.filter(pk=failed.pk).update(status="sent")
    second = messages(client.post(f"{DELIVERIES}/{failed.pk}/redrive/", follow=True))

    failed.refresh_from_db()
    assert first == ["已排进发送。"]
    assert second == ["只有“不确定是否送达”和“没有送达”的可以再发一次。请刷新页面再看。"]
    assert failed.key == key
    assert "服务商" not in text(client.get(f"{DELIVERIES}/{failed.pk}/change/")).replace("给服务商的编号", "")


def test_several_are_sent_again_at_once_and_the_rest_is_left_alone(signed_in, failed):
    sent = Delivery.objects.create(user=failed.user, channel="email", status="sent", due_at=timezone.now())
    chosen = {"action": "redrive_chosen", "_selected_action": [failed.pk, sent.pk]}

    said = messages(signed_in("hr_policy").post(f"{DELIVERIES}/", chosen, follow=True))

    sent.refresh_from_db()
    failed.refresh_from_db()
    assert said == [
        "1 条已排进发送。",
        "1 条没有动：只有“不确定是否送达”和“没有送达”的能再发，一次最多 500 条。",
    ]
    assert (failed.tries, failed.problem, sent.status) == (0, "", "sent")


def test_the_auditor_sends_nothing_and_nobody_reads_to_whom(signed_in, failed):
    auditor = signed_in("auditor")
    chosen = {"action": "redrive_chosen", "_selected_action": [failed.pk]}
    auditor.post(f"{DELIVERIES}/", chosen)

    failed.refresh_from_db()
    assert failed.status == "failed"
    for address in (f"{DELIVERIES}/", f"{DELIVERIES}/{failed.pk}/change/"):
        page = text(auditor.get(address))
        assert "再发一次" not in page
        assert failed.user.username not in page
        assert not re.search("(?<![0-9A-Za-z-])138", page)  # a phone; ids and tokens may hold any digits


# The pages cost the same however much there is


def test_pages_take_as_many_queries_with_many_runs_as_with_few(signed_in, told):
    client = signed_in("admin")
    addresses = [f"{BASE}/", f"{BASE}/funnels/", f"{BASE}/uptake/"]

    def count():
        counts = []
        for address in addresses:
            client.get(address)
            with CaptureQueriesContext(connection) as queries:
                client.get(address)
            counts.append(len(queries))
        return counts

    before = count()
    for version in BenefitVersion.objects.published():
        run = PushRun.objects.create(
            version=version, cause="policy", day=timezone.localdate() - timedelta(days=1), status="done"
        )
        PushChunk.objects.create(run=run, lo=0, done_at=timezone.now())

    assert count() == before


def test_everything_shown_is_chinese(signed_in, failed, run):
    client, found = signed_in("admin"), set()
    for address in (f"{BASE}/{run.pk}/change/", f"{BASE}/switch/", f"{BASE}/uptake/", f"{BASE}/funnels/"):
        page = client.get(address).content.decode().partition('id="content-main"')[2].partition(">")[2]
        found |= set(re.findall(r"[A-Za-z]{3,}", re.sub(r"<[^>]+>|M\d\d[a-z]", "", page)))
    assert found == set()
