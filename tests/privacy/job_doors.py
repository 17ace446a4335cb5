"""Doors of the labour market: the owner's number is shown to one person only, on one button, once the two talk."""

from accounts.models import Department
from businesses.models import Binding
from cases.actions import general
from cases.models import Case
from jobs import contacting, posting, working
from tests.authz import labour

from .canaries import CANARIES as CANARY
from .doors import door


def _market(world):
    Department.objects.get_or_create(code="hrss", defaults={"name": "市人社局"})
    post = posting.publish(world.shop, {**labour.WORK, **labour.days()}, by=world.owner)
    card = working.look_for_work(world.other, labour.wishes())
    return post, card


def _contact(world, *, talks=False):
    post, _ = _market(world)
    case = contacting.ask_shop(world.other, post, "去年采过")
    if talks:
        case = general.do(case, "accept", {}, by=world.owner)
    return post, case


SHOWN = " 200" * 16


def _everywhere(world, post, case):
    """All that the other side, people without a part in it, staff and programs are shown of the two."""
    other, officer, page = world.as_other(), world.as_officer(), f"/cases/{case.public_id}/"
    return [
        world.browser().get("/jobs/"),
        world.browser().get(f"/jobs/posts/{post.public_id}/"),
        world.browser().get("/api/v1/posts/"),
        other.get("/jobs/work/"),
        other.get(page),
        other.get(f"{page}receipt/"),
        other.get("/inbox/"),
        other.get("/api/v1/contacts/"),
        other.get(f"/api/v1/contacts/{case.public_id}/"),
        officer.get("/admin/jobs/post/"),
        officer.get(f"/admin/jobs/post/{post.pk}/change/"),
        officer.get(f"/admin/jobs/post/{post.pk}/history/"),
        officer.get("/admin/jobs/contactcase/"),
        officer.get(f"/admin/jobs/contactcase/{case.pk}/change/"),
        officer.get("/admin/accounts/accessevent/"),
        officer.get("/admin/cases/auditentry/"),
    ]


@door("work with a number in it", "400 400 400 400", "phone", "identity")  # the boxes keep what was typed
def written_into_a_post(world):
    browser, said = world.as_owner(), {**labour.WORK, **labour.days()}
    wrong = [
        browser.post("/jobs/posts/new/", said | {name: f"请打 {CANARY['phone']}"})
        for name in ("title", "words")
    ]
    card = world.as_other()
    wrong.append(card.post("/jobs/work/card/", labour.wishes() | {"shown_name": CANARY["identity"][:12]}))
    post, _ = _market(world)
    return [*wrong, card.post(f"/jobs/posts/{post.public_id}/ask/", {"words": f"请打 {CANARY['phone']}"})]


@door("two who do not talk yet", f"302{SHOWN}")
def before_they_talk(world):
    post, case = _contact(world)
    refused = world.as_other().post(f"/jobs/contacts/{case.public_id}/phone/")
    return [refused, *_everywhere(world, post, case)]


@door("two who talk, without the button", SHOWN.strip())
def while_they_talk(world):
    post, case = _contact(world, talks=True)
    return _everywhere(world, post, case)


@door("the button", "200", "phone")
def the_button(world):
    _, case = _contact(world, talks=True)
    return [world.as_other().post(f"/jobs/contacts/{case.public_id}/phone/")]


@door("two of whom one has given up", f"302 302{SHOWN}")
def afterwards(world):
    post, case = _contact(world, talks=True)
    world.as_other().post(f"/jobs/contacts/{case.public_id}/phone/")
    version = Case.objects.get(pk=case.pk).version
    ended = world.as_owner().post(
        f"/cases/{case.public_id}/do/refuse/", {"reason": "招到人了", "version": version}
    )
    again = world.as_other().post(f"/jobs/contacts/{case.public_id}/phone/")
    return [ended, again, *_everywhere(world, post, case)]


@door("somebody else's contact", "404 404 404 403")
def somebody_elses(world):
    _, case = _contact(world, talks=True)
    Binding.objects.all().delete()
    stranger = world.as_owner()
    return [
        stranger.get(f"/cases/{case.public_id}/"),
        stranger.post(f"/jobs/contacts/{case.public_id}/phone/"),
        stranger.get(f"/api/v1/contacts/{case.public_id}/"),
        world.as_officer().post(f"/jobs/contacts/{case.public_id}/phone/"),
    ]
