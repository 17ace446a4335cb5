"""办件进度: written once, found by whose case it is, and told outside whatever they say about pushes."""

import threading
from datetime import datetime, timedelta

import pytest
from django.db import IntegrityError, connection, connections, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.actions import agree, withdraw
from accounts.models import User
from businesses.models import Binding, Mandate
from businesses.signals import shops_removed
from core import own_data
from notifications import actions, letters
from notifications.inbox import cards
from notifications.models import ChannelState, ContactPoint, Delivery, Letter
from notifications.outside import digests
from notifications.outside.delivering import deliver, redrive
from notifications.outside.digest_queue import gather
from notifications.outside.preferences import stop
from notifications.own_data import erase
from notifications.pushes import runs
from notifications.sweep import relay
from tests.notifications import register
from tests.notifications.gateways import HANG_UP
from tests.notifications.people import MORNING, later, owner_of, push

NIGHT = "2026-11-25T23:30:00+08:00"
EIGHT = datetime.fromisoformat("2026-11-26T08:00:00+08:00")
both_engines = pytest.mark.django_db(databases=["default", "postgres"])


def write(shop, key="case 1: correction 1", **changed):
    given = {
        "title": "场所租赁补贴：请补 1 份材料",
        "sentence": "您的申请还差 1 份材料，请在 12 月 5 日前补上。",
        "action_label": "去补材料",
        "action_path": "/me/cases/1/",
        "sms": "申请还差1份材料，请于12月5日前补上。",
        "needs_action": True,
    }
    return letters.write(operator=shop.operator, business=shop, key=key, **given | changed)


def agent_of(shop, owner, *scopes):
    agent = User.objects.begin_with_phone("13900000099")
    until = register.TODAY() + timedelta(days=9)
    Mandate.objects.create(
        business=shop, given_by=owner, agent=agent, scopes=list(scopes or ["view"]), until=until
    )
    return agent


def browser(user):
    client = Client()
    client.force_login(user)
    return client


def titles(user, **options):
    return [card.title for card in cards.page_of(user, **options).cards]


def statuses():
    return list(Delivery.objects.order_by("pk").values_list("channel", "status"))


@pytest.fixture
def shop(engine):
    return register.open_shop(1)


# Written once


@both_engines
def test_a_letter_is_written_once_for_its_key_and_keeps_its_first_words(messages, shop):
    owner_of(shop)

    first = write(shop)
    again = write(shop, title="另一个标题")

    assert (again.pk, again.title, Letter.objects.count()) == (first.pk, first.title, 1)
    assert statuses() == [("sms", "pending")]


@both_engines
def test_what_is_rolled_back_was_never_written(messages, shop):
    owner_of(shop)

    with transaction.atomic():
        write(shop)
        transaction.set_rollback(True)

    assert (Letter.objects.count(), statuses()) == (0, [])


@both_engines
@pytest.mark.parametrize("path", ["https://example.cn/", "//example.cn/", "me/", ""])
def test_a_button_leads_nowhere_but_to_this_site(shop, path):
    with pytest.raises(ValueError, match="leads elsewhere"):
        write(shop, action_path=path)


# In the inbox


@both_engines
def test_a_letter_is_in_the_inbox_of_the_owner_and_of_no_other(shop):
    owner, other = owner_of(shop, agrees=False), owner_of(register.open_shop(2), 2)
    letter = write(shop)

    (card,) = cards.page_of(owner).cards

    assert (card.title, card.kind_label, card.needs_action) == (letter.title, "办件进度", True)
    assert (card.is_mine, card.is_unread, cards.unread_count(owner)) == (True, True, 1)
    assert (titles(other), cards.unread_count(other)) == ([], 0)
    assert browser(other).get(f"/inbox/letters/{letter.pk}/").status_code == 404
    assert browser(other).post(f"/inbox/letters/{letter.pk}/act/").status_code == 404


@both_engines
def test_an_agent_who_may_view_the_shop_reads_it_and_leaves_no_mark(shop):
    owner = owner_of(shop)
    agent, letter = agent_of(shop, owner), write(shop)

    page = browser(agent).get(f"/inbox/letters/{letter.pk}/")
    went_on = browser(agent).post(f"/inbox/letters/{letter.pk}/act/")

    letter.refresh_from_db()
    assert ("代办" in page.content.decode(), went_on.url) == (True, "/me/cases/1/")
    assert (titles(agent), cards.unread_count(agent)) == ([letter.title], 0)
    assert (letter.opened_at, letter.acted_at) == (None, None)


@both_engines
def test_an_agent_who_may_not_view_the_shop_sees_nothing(shop):
    agent, letter = agent_of(shop, owner_of(shop), "answer"), write(shop)

    assert (titles(agent), browser(agent).get(f"/inbox/letters/{letter.pk}/").status_code) == ([], 404)


@both_engines
def test_opening_and_going_on_are_noted_once(shop):
    owner = owner_of(shop)
    letter, client = write(shop), browser(owner)

    page = client.get(f"/inbox/letters/{letter.pk}/").content.decode()
    letter.refresh_from_db()
    opened = letter.opened_at
    client.get(f"/inbox/letters/{letter.pk}/")
    went_on = client.post(f"/inbox/letters/{letter.pk}/act/")

    letter.refresh_from_db()
    assert all(words in page for words in (letter.title, letter.sentence, "去补材料", "要您处理"))
    assert (opened is not None, letter.opened_at, letter.acted_at is not None) == (True, opened, True)
    assert (went_on.status_code, went_on.url, cards.unread_count(owner)) == (302, "/me/cases/1/", 0)
    assert client.get(f"/inbox/letters/{letter.pk}/act/").url == f"/inbox/letters/{letter.pk}/"


@both_engines
def test_what_is_settled_wants_nothing_any_more(shop):
    owner, letter = owner_of(shop), write(shop)

    letters.settle(letter.key)

    (card,) = cards.page_of(owner).cards
    assert card.needs_action is False
    assert "要您处理" not in browser(owner).get("/inbox/").content.decode()


@both_engines
def test_letters_and_pushed_messages_come_in_the_order_of_time_page_by_page(shop, time_machine):
    owner, expected = owner_of(shop), []
    for number in range(4):
        time_machine.move_to(f"2026-11-25T10:0{number}:00+08:00", tick=False)
        write(shop, key=f"letter {number}", title=f"进度{number}")
        time_machine.move_to(f"2026-11-25T10:0{number}:30+08:00", tick=False)
        register.publish(f"T01{'abcd'[number]}", title=f"补贴{number}")
        relay()
        expected = [f"补贴{number}", f"进度{number}", *expected]

    shown, page = [], cards.page_of(owner, size=3)
    while page.next:
        shown.append([card.title for card in page.cards])
        page = cards.page_of(owner, size=3, before=page.next)
    shown.append([card.title for card in page.cards])

    assert [title for titles in shown for title in titles] == expected
    assert [len(titles) for titles in shown] == [3, 3, 2]
    assert cards.unread_count(owner) == 8


@both_engines
@pytest.mark.parametrize("before", ["1", "x", "1-", "1-2-3", "１-２"])
def test_a_place_that_is_none_is_not_found(shop, before):
    assert browser(owner_of(shop)).get("/inbox/", {"before": before}).status_code == 404


@both_engines
def test_only_what_is_unread_is_shown_where_that_is_asked_for(shop):
    owner = owner_of(shop)
    read, unread = write(shop, key="read", title="读过的"), write(shop, key="unread", title="没读的")
    actions.open_message(read, by=owner)

    assert titles(owner, unread=True) == [unread.title]


@both_engines
@pytest.mark.parametrize("count", [1, 3])
def test_a_page_takes_the_same_number_of_queries_however_many_letters_there_are(shop, count):
    owner = owner_of(shop)
    for number in range(count):
        write(shop, key=f"letter {number}")

    cards.page_of(owner)  # the catalogue is read once for all
    with CaptureQueriesContext(connection) as queries:
        found = cards.page_of(owner).cards

    # mandates; bindings; messages; letters
    assert (len(found), len(queries)) == (count, 4)


# Told outside


@both_engines
def test_a_short_message_goes_out_at_once_and_once_whatever_is_said_about_pushes(
    sending_morning, messages, shop
):
    owner = owner_of(shop, agrees=False)
    actions.stop_all(owner)
    stop(owner.pk, "sms")
    write(shop)

    sent = [deliver(), deliver()]

    assert (sent, statuses()) == ([1, 0], [("sms", "sent")])
    assert [body["text"] for body in messages.bodies] == ["演师傅，申请还差1份材料，请于12月5日前补上。"]
    assert messages.keys == [str(Delivery.objects.get().key)]


@pytest.mark.django_db(databases=["default", "postgres"], transaction=True)
@pytest.mark.parametrize("engine", ["postgres"], indirect=True)
def test_two_workers_at_once_send_it_once(sending_morning, messages, shop):
    owner_of(shop)
    write(shop)
    Delivery.objects.update(status="pending", tries=0, claimed_at=None, sent_at=None)
    messages.bodies.clear()
    used, barrier = connections["default"], threading.Barrier(2)

    def work():
        connections["default"] = type(used)(used.settings_dict, "default")
        barrier.wait()
        deliver()
        connections["default"].close()

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert (len(messages.bodies), statuses()) == (1, [("sms", "sent")])


@both_engines
def test_at_night_it_waits_for_the_morning_unless_it_is_urgent(sending_morning, messages, shop):
    owner_of(shop)
    sending_morning.move_to(NIGHT, tick=False)
    write(shop)
    assert (deliver(), Delivery.objects.get().due_at) == (0, EIGHT)
    write(shop, key="urgent", urgent=True, sms="请马上核对收款账户。")

    assert deliver() == 1
    assert [body["text"] for body in messages.bodies] == ["演师傅，请马上核对收款账户。"]
    sending_morning.move_to(EIGHT, tick=False)
    assert deliver() == 1


@both_engines
def test_it_is_neither_joined_by_a_digest_nor_counted_in_the_month(sending_morning, messages, shop):
    owner_of(shop)
    for number in range(5):
        write(shop, key=f"sent {number}")
    deliver()
    write(shop, key="waiting")
    register.publish("T01a")
    push()
    gather()

    digest = Delivery.objects.get(letter=None)
    later(sending_morning, minutes=10)
    deliver()

    assert digest.due_at == datetime.fromisoformat(MORNING) + timedelta(minutes=10)
    assert [body["text"][:7] for body in messages.bodies].count("演师傅，申请还") == 6
    assert (len(messages.bodies), {status for _, status in statuses()}) == (7, {"sent"})


@both_engines
def test_a_gateway_that_is_busy_is_asked_again_and_one_that_hangs_up_is_not(sending_morning, messages, shop):
    owner_of(shop)
    write(shop)
    messages.answers = [503, HANG_UP]

    deliver()
    waits = Delivery.objects.get()
    later(sending_morning, minutes=1)
    deliver()
    later(sending_morning, hours=8)
    deliver()

    assert (waits.status, waits.due_at - timezone.now()) == ("pending", timedelta(minutes=-480))
    assert (statuses(), len(set(messages.keys)), len(messages.keys)) == ([("sms", "unknown")], 1, 2)


@both_engines
def test_staff_send_again_what_may_not_have_arrived(sending_morning, messages, shop):
    owner_of(shop)
    write(shop)
    messages.answers = [HANG_UP]
    deliver()
    admin = User.objects.create_superuser("admin")
    ChannelState.objects.update(failures=0)

    redrive(Delivery.objects.get(), by=admin)
    deliver()

    assert (statuses(), len(set(messages.keys))) == ([("sms", "sent")], 1)


@both_engines
def test_while_everything_is_stopped_it_waits(sending_morning, messages, shop):
    owner_of(shop)
    admin = User.objects.create_superuser("admin")
    runs.stop_everything("网关出错", by=admin)
    write(shop)
    assert deliver() == 0

    runs.release_everything(by=admin)

    assert (deliver(), statuses()) == (1, [("sms", "sent")])


@both_engines
@pytest.mark.parametrize("case", ["unbound", "closed", "bad address", "removed", "no service"])
def test_whom_it_no_longer_concerns_is_not_told(sending_morning, messages, shop, case):
    owner = owner_of(shop)
    write(shop)
    if case == "unbound":
        Binding.objects.update(ended_at=timezone.now())
    elif case == "closed":
        User.objects.filter(pk=owner.pk).update(is_active=False)
    elif case == "bad address":
        stop(owner.pk, "sms", "地址不能用")
    elif case == "no service":
        agree(owner, "service")
        withdraw(owner, "service")
    else:
        Letter.objects.all().delete()

    deliver()

    assert (statuses(), messages.bodies) == ([("sms", "dropped")], [])


@both_engines
def test_who_cannot_be_reached_finds_it_in_the_inbox_alone(messages, shop):
    owner = owner_of(shop)
    User.objects.filter(pk=owner.pk).update(phone_verified_at=None)

    write(shop)

    assert (statuses(), len(titles(owner))) == ([], 1)


@both_engines
def test_without_words_for_it_no_short_message_is_sent(messages, shop):
    owner_of(shop)

    write(shop, sms="")

    assert statuses() == []


@both_engines
def test_a_confirmed_mail_address_has_it_too_and_no_way_to_stop_it(
    sending_morning, messages, mailoutbox, settings, shop
):
    settings.EMAIL_URL = "smtp://localhost"
    owner_of(shop, email="zhang@example.cn")
    ContactPoint.objects.create(
        user=owner_of(register.open_shop(2), 2), channel="email", address="not@confirmed.cn"
    )
    letter = write(shop)

    deliver()

    (mail,) = mailoutbox
    assert (mail.to, mail.subject) == (["zhang@example.cn"], letter.title)
    assert letter.sentence in mail.body
    assert "https://zc.example.cn/me/cases/1/" in mail.body
    assert not any("stop/" in part for part in (mail.body, mail.alternatives[0].content))
    assert "List-Unsubscribe" not in mail.extra_headers
    assert sorted(statuses()) == [("email", "sent"), ("sms", "sent")]


@both_engines
def test_who_took_the_service_back_is_told_on_no_channel_until_they_agree_again(
    sending_morning, messages, mailoutbox, settings, shop
):
    settings.EMAIL_URL = "smtp://localhost"
    owner = owner_of(shop, email="zhang@example.cn")
    agree(owner, "service")
    withdraw(owner, "service")
    write(shop)

    deliver()
    silent = ([*messages.bodies], [*mailoutbox], statuses())
    agree(owner, "service")
    write(shop, key="case 1: correction 2")
    deliver()

    assert silent == ([], [], [])
    assert sorted(statuses()) == [("email", "sent"), ("sms", "sent")]


# Words


@both_engines
def test_a_short_message_has_the_fullest_words_that_fit_into_one_with_its_signature(shop):
    fits, too_long = "通过了。" * 15, "通过了。" * 16

    assert write(shop, key="1", sms=(too_long, fits)).sms == fits
    assert write(shop, key="2", sms=too_long).sms == letters.USUAL_SMS
    assert len(digests.SIGNATURE) + len(fits) <= 70


def test_the_greeting_is_left_out_where_it_does_not_fit():
    short, long = "已通过。", "通" * digests.LONGEST_LETTER_SMS

    assert digests.letter_sms(short, "张三") == "张师傅，已通过。"
    assert digests.letter_sms(long, "张三") == long


# Kept and checked


@both_engines
def test_ones_own_data_tell_of_letters(shop):
    owner, letter = User.objects.get(pk=owner_of(shop).pk), write(shop)

    (row,) = own_data.export_all(owner)["messages"]["letters"]

    assert (row["title"], row["sentence"], row["opened_at"]) == (letter.title, letter.sentence, None)


@both_engines
def test_a_shop_that_should_never_have_been_there_takes_its_letters_along(messages, shop):
    owner_of(shop)
    write(shop)

    shops_removed.send(type(shop), shops=[shop.pk])

    assert (Letter.objects.count(), statuses()) == (0, [])


@both_engines
def test_one_channel_never_carries_a_letter_to_somebody_twice(messages, shop):
    owner_of(shop)
    write(shop)
    first = Delivery.objects.get()

    with pytest.raises(IntegrityError), transaction.atomic():
        Delivery.objects.create(
            user_id=first.user_id, channel="sms", letter_id=first.letter_id, due_at=timezone.now()
        )


# To a person who has no shop


def person(number=77):
    user = User.objects.begin_with_phone(f"1380000{number:04}")
    User.objects.filter(pk=user.pk).update(phone_verified_at=timezone.now())
    return User.objects.get(pk=user.pk)


def write_to(user, key="case 9 comes", **changed):
    given = {
        "title": "有人约了您",
        "sentence": "12 月 3 日 19:00，一家店约了您。",
        "action_label": "看约我的人",
        "action_path": "/me/asked/",
        "sms": "有人约您。请到“政策直通车”查看，或拨12345。",
    }
    return letters.write(user=user, key=key, **given | changed)


@both_engines
def test_a_letter_to_a_person_is_in_their_inbox_alone_and_goes_out_to_them(sending_morning, messages, shop):
    mentor, owner = person(), owner_of(shop)
    letter = write_to(mentor)

    deliver()

    (card,) = cards.page_of(mentor).cards
    assert (card.title, card.is_mine, card.is_unread, card.shop) == (letter.title, True, True, "")
    assert (cards.unread_count(mentor), cards.unread_count(owner), titles(owner)) == (1, 0, [])
    assert titles(mentor, unread=True) == [letter.title]
    assert [row.user_id for row in Delivery.objects.all()] == [mentor.pk]
    assert statuses() == [("sms", "sent")]
    for someone, status in ((owner, 404), (person(78), 404), (mentor, 200)):
        assert browser(someone).get(f"/inbox/letters/{letter.pk}/").status_code == status
    letter.refresh_from_db()
    assert (letter.opened_at is not None, cards.unread_count(mentor)) == (True, 0)
    assert register.not_so() == {}


@both_engines
def test_whoever_is_both_reads_both(shop):
    owner = owner_of(shop)
    write(shop)
    write_to(owner)

    assert titles(owner) == ["有人约了您", "场所租赁补贴：请补 1 份材料"]
    assert cards.unread_count(owner) == 2
    assert len(own_data.export_all(owner)["messages"]["letters"]) == 2
    erase(owner)
    assert not Letter.objects.exists()


@both_engines
@pytest.mark.parametrize("told", [{}, {"operator": True}, {"operator": True, "business": True, "user": True}])
def test_a_letter_is_told_to_one_and_to_nobody_else(shop, told):
    one = {"operator": shop.operator, "business": shop, "user": person()}
    given = {name: one[name] for name in told}

    with pytest.raises(IntegrityError), transaction.atomic():
        Letter.objects.create(key="x", title="x", sentence="x", action_label="x", action_path="/", **given)


@both_engines
def test_the_inbox_takes_as_many_queries_with_letters_of_both_kinds(shop):
    owner = owner_of(shop)
    write(shop)
    counts = []
    for number in range(3):
        with CaptureQueriesContext(connection) as captured:
            cards.page_of(owner)
            cards.unread_count(owner)
        counts.append(len(captured))
        write_to(owner, key=f"own {number}")

    assert counts == [counts[0]] * 3


@both_engines
def test_letters_are_found_by_index_whichever_they_are(shop):
    """Beside those of 300,000 shops neither a page nor the count reads the whole table."""
    owner = owner_of(shop)
    Letter.objects.bulk_create(
        Letter(
            key=f"other {place}",
            operator_id=10**9 + place,
            business_id=10**9 + place,
            title="x",
            sentence="x",
            action_label="x",
            action_path="/",
        )
        for place in range(5_000)
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE notifications_letter")

    rows = Letter.objects.visible_to(owner).order_by("-pk")[:21]

    plan = rows.explain()
    assert "letter_of_operator" in plan
    assert "letter_of_user" in plan
    assert "Seq Scan on notifications_letter" not in plan
