"""What whoever asks has to send, held by the verb, so that every door refuses alike."""

import pytest

from cases.evidence import wallet
from core.errors import Invalid
from needs import answers, routing
from services.asking import Ask, ask
from services.models import Request
from tests.cases.test_evidence_pages import photo
from tests.notifications.register import open_shop
from tests.subsidies.world import owner_of

from . import world

pytestmark = pytest.mark.django_db
PROOF = {"key": "proof", "type": "files", "label": "证明", "required": True}
HOW_MUCH = {"key": "sum", "type": "money", "label": "想借多少", "required": True}


@pytest.fixture
def shop(settings, tmp_path):
    settings.PRIVATE_FOLDER = str(tmp_path)
    return open_shop(1)


def file_of(shop, material):
    return wallet.keep(shop.operator, material, photo(), by=owner_of(shop))


def faults_without(row, shop, **asked):
    with pytest.raises(Invalid) as refused:
        ask(row, shop, Ask(words=world.NEED, **asked), by=owner_of(shop))
    return [(fault.field, fault.code) for fault in refused.value.faults]


def test_a_file_that_is_asked_for_has_to_come_through_whichever_door(shop):
    row = world.offering(questions=[PROOF, HOW_MUCH])

    assert faults_without(row, shop) == [("sum", "required"), ("proof", "required")]
    assert faults_without(row, shop, files=(file_of(shop, "合同"),), said={"sum": "1"}) == [
        ("proof", "required")
    ]


def test_with_the_file_it_is_begun(shop):
    row = world.offering(questions=[PROOF])

    case = ask(row, shop, Ask(words=world.NEED, files=(file_of(shop, "证明"),)), by=owner_of(shop))

    assert [piece.evidence.material for piece in case.files.all()] == ["证明"]


def test_a_file_that_need_not_come_may_be_left_out(shop):
    row = world.offering(questions=[PROOF | {"required": False}])

    assert ask(row, shop, Ask(words=world.NEED), by=owner_of(shop)).procedure == "enquiry"


def test_whoever_waits_with_another_is_asked_nothing_more(shop):
    """They say 我也是 and see no form."""
    people = world.bureau()
    row = world.offering(questions=[PROOF, HOW_MUCH])
    said = Ask(words=world.NEED, said={"sum": "1"}, files=(file_of(shop, "证明"),))
    first = ask(row, shop, said, by=owner_of(shop))
    shared = answers.publish(answers.prepare(first, world.NEED, "", by=people.reviewer), by=people.approver)
    other = open_shop(2)

    mine = routing.me_too(shared, "我家也是这样的情况", other, by=owner_of(other))

    assert Request.objects.get(pk=mine.pk).same_as_id == first.pk
