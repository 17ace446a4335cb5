"""/needs/ as owners use it: nothing typed is lost, nobody sees a word of others."""

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from cases.models import Case, Message
from needs import routing
from services.models import Leg, Request
from tests.cases.test_evidence_pages import photo
from tests.services import world
from tests.uploads.pictures import noise, saved

from .asking import QUESTION, answered, owner_at, published, type_

pytestmark = pytest.mark.django_db


def test_anybody_types_looks_and_signs_in_to_send_with_nothing_lost(client, general):
    response = type_(client)
    assert response.url == "/needs/send/"
    page = client.get("/needs/send/")
    assert world.NEED in page.content.decode()
    asked = client.post("/needs/send/", {"topic": "tax", "do": "send"})
    assert asked.url == "/login/?next=%2Fneeds%2Fsend%2F"

    shop, owner = owner_at()
    client.force_login(owner)
    sent = client.post("/needs/send/", {"topic": "tax", "do": "send"})

    case = Case.objects.get()
    assert sent.url == reverse("case", args=[case.public_id])
    assert (case.business, case.request.words, case.request.topic) == (shop, world.NEED, "tax")
    assert client.get("/needs/send/").url == "/needs/"  # nothing is left of it


def test_what_was_typed_stands_sealed_in_the_session(client, general):
    type_(client)

    assert world.NEED not in str(dict(client.session))


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("", "请写要办什么"),
        ("堵了", "至少 4 个字"),
        ("请打 13800138000 找我", "手机号"),
        ("堵" * 2_001, "最多写 2000 个字"),
    ],
)
def test_words_that_will_not_do_are_shown_again_with_why(client, words, sentence):
    response = type_(client, words)

    assert response.status_code == 400
    assert sentence in response.content.decode()
    assert (words[:100] in response.content.decode()) is True


def test_the_topic_that_the_owner_chose_stays(client, general):
    _shop, owner = owner_at()
    client.force_login(owner)
    type_(client)
    client.post("/needs/send/", {"topic": "checks", "drop": "nothing"})
    type_(client, "营业执照丢了，怎么补")

    assert 'value="checks" selected' in " ".join(client.get("/needs/send/").content.decode().split())


def test_photos_are_added_taken_off_and_sent_with_the_words(client, general, settings, tmp_path):
    settings.PRIVATE_FOLDER, settings.UPLOAD_SCANNER = str(tmp_path / "private"), ""
    _shop, owner = owner_at()
    client.force_login(owner)
    type_(client)
    for seed in (1, 2):
        client.post("/needs/send/", {"do": "add", "file": photo(saved(noise(side=64 + seed)), f"{seed}.jpg")})
    first = owner.bindings.get().operator.evidence.order_by("pk").first()
    client.post("/needs/send/", {"drop": str(first.public_id)})
    client.post("/needs/send/", {"do": "send"})

    line = Message.objects.get(side="owner")
    kept = owner.bindings.get().operator.evidence.order_by("pk").last()
    assert (line.words, line.files) == (world.NEED, [str(kept.public_id)])


def test_a_file_that_will_not_do_is_said_and_the_words_stay(client, general):
    _shop, owner = owner_at()
    client.force_login(owner)
    type_(client)

    response = client.post("/needs/send/", {"do": "add", "file": photo(b"no picture", "a.jpg")})

    assert response.status_code == 400
    assert "打不开这个文件" in response.content.decode()
    assert not Case.objects.exists()


def test_similar_is_a_step_of_its_own_and_this_is_it_ends_without_a_case(client, general):
    row = published(answered(general), general[1])

    assert type_(client).url == "/needs/similar/"
    assert QUESTION in client.get("/needs/similar/").content.decode()
    response = client.post("/needs/similar/", {"it": f"answer-{row.pk}"})

    row.refresh_from_db()
    assert (response.url, row.helped) == (f"/needs/answers/{row.pk}/", 1)
    assert client.get("/needs/similar/").url == "/needs/"
    assert Case.objects.count() == 1  # the one that was answered


def test_none_of_them_leads_on(client, general):
    published(answered(general), general[1])
    type_(client)

    assert client.post("/needs/similar/", {"it": "none-0"}).url == "/needs/send/"


@pytest.mark.parametrize(
    "it", ["", "x", "answer-0", "answer-x", "too-0", "also-9", "case-9", "answer-" + "9" * 30]
)
def test_an_unknown_choice_changes_nothing(client, general, it):
    published(answered(general), general[1])
    _shop, owner = owner_at()
    client.force_login(owner)
    type_(client)

    response = client.post("/needs/similar/", {"it": it})

    assert response.status_code in (302, 404)
    assert Case.objects.count() == 1


def test_me_too_by_the_page(client, general, shared):
    first, row = shared
    type_(client)
    assert "我也是" in client.get("/needs/similar/").content.decode()
    assert client.post("/needs/similar/", {"it": f"too-{row.pk}"}).url.startswith("/login/")
    _shop, owner = owner_at()
    client.force_login(owner)

    client.post("/needs/similar/", {"it": f"too-{row.pk}"})

    assert Request.objects.exclude(pk=first.pk).get().same_as_id == first.pk


def test_ones_own_open_request_leads_to_it(client, general):
    shop, owner = owner_at()
    case = routing.send(world.NEED, "other", shop, by=owner)
    client.force_login(owner)

    assert type_(client).url == "/needs/similar/"
    response = client.post("/needs/similar/", {"it": f"case-{case.pk}"})

    assert response.url == reverse("case", args=[case.public_id])
    assert Case.objects.count() == 1


def test_nobody_sees_a_word_of_others_who_have_not_been_published(client, general):
    shop, owner = owner_at(5)
    routing.send(world.NEED, "other", shop, by=owner)
    _mine, me = owner_at()
    client.force_login(me)

    assert type_(client).url == "/needs/send/"


def test_staff_look_and_do_not_send(client, general):
    client.force_login(general[1].reviewer)
    type_(client)

    assert client.get("/needs/").status_code == 200
    assert client.get("/needs/send/").status_code == 403


def test_whoever_may_not_apply_for_the_shop_is_told_so(general):
    shop, _owner = owner_at()
    _other, stranger = owner_at(2)

    with pytest.raises(PermissionDenied):
        routing.send(world.NEED, "other", shop, by=stranger)
    assert not Leg.objects.exists()
