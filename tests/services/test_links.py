"""One tap: the link in a message does one verb, once, for some days, and looking at it changes nothing."""

import pytest
import time_machine
from django.core import signing
from django.utils import timezone

from cases.models import Case
from notifications.models import Letter
from services import deadlines, ladder, links
from services.models import Request
from tests.notifications.register import days_ahead, noon

from . import world
from .test_kinds import do, legs_of, states_of

pytestmark = pytest.mark.django_db
ANSWER = "明天上午派人疏通，找 13800138000"


@pytest.fixture
def people():
    return world.bureau()


@pytest.fixture
def answered(people):
    case, owner = world.asked(world.offering())
    do(case, "answer", people.reviewer, words=ANSWER)
    return case, owner


def path_in(words):
    return Letter.objects.get(title__contains=words).action_path


def test_the_letter_of_an_answer_carries_a_link_that_says_it_is_solved(client, answered):
    case, _owner = answered
    path = path_in("有答复了")

    shown, before = client.get(path), states_of(case)[0]
    done = client.post(path)

    assert (shown.status_code, before, done.status_code) == (200, "answered", 200)
    assert states_of(case) == ("solved", "closed", "helped")
    assert "确认解决" in done.content.decode()


def test_it_says_what_it_is_about_and_no_number_and_no_other_case(client, answered):
    case, owner = answered
    other, _ = world.asked(world.offering(code="other", title="别的服务"), 1)

    page = client.get(path_in("有答复了")).content.decode()

    assert ("试验服务" in page, "明天上午派人疏通" in page, "解决了" in page) == (True, True, True)
    for hidden in ("13800138000", owner.masked_phone, Case.objects.get(pk=case.pk).number, "别的服务"):
        assert hidden not in page
    assert other.number not in page


def test_robots_and_other_sites_are_kept_away(client, answered):
    for response in (client.get(path_in("有答复了")), client.get("/a/none/"), client.post("/a/none/")):
        assert response.headers["X-Robots-Tag"] == "noindex, nofollow, noarchive"
        assert response.headers["Referrer-Policy"] == "same-origin"
        assert "no-store" in response.headers["Cache-Control"]


@pytest.mark.parametrize("method", ["get", "head", "options"])
def test_looking_as_programs_do_changes_nothing(client, answered, method):
    case, path = answered[0], path_in("有答复了")
    version = Case.objects.get(pk=case.pk).version

    for _ in range(3):
        getattr(client, method)(path)

    assert Case.objects.get(pk=case.pk).version == version
    assert states_of(case)[0] == "answered"


def test_used_twice_it_says_so(client, answered):
    case, path = answered[0], path_in("有答复了")
    client.post(path)
    version = Case.objects.get(pk=case.pk).version

    for response in (client.post(path), client.get(path)):
        assert response.status_code == 410
        assert links.USED in response.content.decode()
    assert Case.objects.get(pk=case.pk).version == version


@pytest.mark.parametrize("moved", ["by the owner", "by something else"])
def test_once_anything_has_happened_it_does_nothing(client, answered, moved):
    case, owner = answered
    path = path_in("有答复了")
    if moved == "by the owner":
        do(case, "reopen", owner, words="没有来")
    else:
        Case.objects.filter(pk=case.pk).update(version=99)
    before = states_of(case)

    response = client.post(path)

    assert (response.status_code, states_of(case)) == (410, before)


@pytest.mark.parametrize(("days", "status"), [(13, 200), (14, 200), (15, 410)])
def test_it_is_good_for_14_days(client, people, days, status):
    moment = timezone.now().replace(microsecond=0)
    with time_machine.travel(moment, tick=False):
        case, _ = world.asked(world.offering())
        do(case, "answer", people.reviewer, words="已经疏通")
    path = path_in("有答复了")

    with time_machine.travel(moment + timezone.timedelta(days=days), tick=False):
        shown, done = client.get(path), client.post(path)

    assert deadlines.days("link") == 14
    assert (shown.status_code, done.status_code) == (status, status)
    assert states_of(case)[0] == ("solved" if status == 200 else "answered")


def altered(token):
    head, _, tail = token.partition(":")
    return f"{head[:-2]}AA:{tail}"


@pytest.mark.parametrize(
    "forged",
    [
        lambda token: altered(token),
        lambda token: token[:-1] + ("A" if token[-1] != "A" else "B"),
        lambda token: token.split(":")[0],
        lambda token: "x" * 3_000,
        lambda token: signing.dumps([1, "solve", 1, 1], salt="another"),
    ],
)
def test_a_forged_one_is_said_to_be_none(client, answered, forged):
    case = answered[0]
    token = path_in("有答复了").split("/")[2]

    for method in ("get", "post"):
        response = getattr(client, method)(f"/a/{forged(token)}/")
        assert response.status_code == 404
        assert links.FORGED in response.content.decode()
    assert states_of(case)[0] == "answered"


def test_only_verbs_that_may_be_done_by_a_link_have_one(answered):
    case, owner = answered

    for verb in ("withdraw", "supply", "take"):
        with pytest.raises(ValueError, match="link"):
            links.token_of(case, verb, owner)


@pytest.mark.parametrize("verb", ["withdraw", "settle", "none"])
def test_a_signed_one_for_another_verb_does_nothing(client, answered, verb):
    case, owner = answered
    version = Case.objects.get(pk=case.pk).version
    token = signing.dumps([case.pk, verb, version, owner.pk], salt=links._SALT)

    assert client.post(f"/a/{token}/").status_code == 410
    assert states_of(case)[0] == "answered"


def test_whoever_may_no_longer_act_for_the_shop_does_nothing_by_it(client, answered):
    case, owner = answered
    path = path_in("有答复了")
    owner.bindings.update(ended_at=timezone.now())

    assert client.post(path).status_code == 410
    assert states_of(case)[0] == "answered"


def test_a_closed_account_does_nothing_by_it(client, answered):
    owner, path = answered[1], path_in("有答复了")
    type(owner).objects.filter(pk=owner.pk).update(is_active=False)

    assert client.post(path).status_code == 410


def test_without_anybody_bound_the_letter_leads_to_the_case(people):
    case, owner = world.asked(world.offering())
    owner.bindings.update(ended_at=timezone.now())

    do(case, "answer", people.reviewer, words="已经疏通")

    assert path_in("有答复了") == f"/cases/{case.public_id}/"


def test_is_it_solved_reopens_with_words(client, people):
    case, owner = world.asked(world.offering())
    do(case, "answer", people.reviewer, words="已经疏通")
    do(case, "solve", owner)
    with noon(days_ahead(28)):
        ladder.ask_whether_solved(days_ahead(28))
        path = path_in("真的解决了吗")
        asked = client.get(path).content.decode()
        empty = client.post(path, {"words": ""})
        number = client.post(path, {"words": "打 13800138000 找我"})
        done = client.post(path, {"words": "又堵了"})

    assert 'name="words"' in asked
    assert (empty.status_code, number.status_code, done.status_code) == (400, 400, 200)
    assert "打 13800138000 找我" in number.content.decode()
    assert states_of(case) == ("open", "open", "")
    assert legs_of(case)[-1] == ("tests", "sent")


def test_an_offered_seat_is_confirmed_by_the_link_and_once(client, people):
    row = world.offering("booking", "mentor")
    hour = world.slot(row)
    case, owner = world.asked(row, 1, slot=hour)
    waiting, _ = world.asked(row, 2, slot=hour)
    do(case, "excuse", owner)
    path = path_in("有空位了")

    page = client.get(path).content.decode()
    done, again = client.post(path), client.post(path)

    assert "确认要" in page
    assert (done.status_code, again.status_code) == (200, 410)
    assert states_of(waiting)[0] == "booked"
    assert Request.objects.get(pk=waiting.pk).seat == "held"


def test_a_seat_that_was_kept_too_long_is_refused_in_words(client, people):
    row = world.offering("booking", "mentor")
    hour = world.slot(row)
    case, owner = world.asked(row, 1, slot=hour)
    waiting, _ = world.asked(row, 2, slot=hour)
    do(case, "excuse", owner)
    path = path_in("有空位了")
    Request.objects.filter(pk=waiting.pk).update(offered_until=timezone.now())

    response = client.post(path)

    assert (response.status_code, states_of(waiting)[0]) == (409, "offered")
    assert "已经过了" in response.content.decode()


def test_a_path_fits_into_a_letter(answered):
    case, owner = answered
    longest = signing.dumps([10**12, "reopen", 10**6, 10**12], salt=links._SALT)

    assert len(f"/a/{longest}/") <= Letter._meta.get_field("action_path").max_length
    assert links.read(links.token_of(Case.objects.get(pk=case.pk), "solve", owner)).user == owner
