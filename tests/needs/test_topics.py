"""What a need is about, and who answers it."""

from pathlib import Path

import pytest
from django.conf import settings

from core.data_files import read_yaml
from core.errors import Refused
from needs import routing
from tests.notifications.register import publish
from tests.services import world
from tests.services.test_kinds import legs_of

from .asking import owner_at

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("words", "topic"),
    [
        ("营业执照丢了，怎么补", "paperwork"),
        ("银行贷款还不上，想展期", "loan"),
        ("油烟环评要不要做", "environment"),
        ("工人辞退要不要补工资", "hiring"),
        ("宽带太慢，想换 5G", "online"),
        ("公积金怎么交", "housing"),
        ("说不清楚的事", "other"),
    ],
)
def test_the_topic_is_guessed_from_the_words(words, topic):
    assert routing.guessed(words).key == topic


def test_every_topic_names_a_department_of_the_city_and_a_benefit_or_none():
    measures = read_yaml(Path(settings.BASE_DIR) / "policies/data/measures.yaml")
    departments = {row["code"] for row in measures["departments"]}
    found = routing.topics()

    assert {topic.department for topic in found.values()} <= departments
    assert list(found)[-1] == "other"
    words = [word for topic in found.values() for word in topic.words]
    assert sorted(words) == sorted(set(words))


def test_a_topic_with_an_enquiry_of_its_own_goes_there_and_the_others_to_its_department(general):
    row, centre = general
    ecology, market = world.bureau("ecology", "市生态环境局"), world.bureau("market", "市市场监管局")
    own = world.offering(
        code="eia", handler=ecology.department,
        benefit=publish("M21a", amount={"none": {}}, kind="service", delivery="service").benefit,
    )  # fmt: skip

    found = routing.doors()

    assert (found["environment"].offering, found["environment"].department) == (own, ecology.department)
    assert (found["paperwork"].offering, found["paperwork"].department) == (row, market.department)
    assert (found["tax"].offering, found["tax"].department) == (row, centre.department)  # no such bureau here


def test_an_enquiry_that_has_to_ask_more_is_sent_as_a_general_one_to_whoever_answers_it(general):
    row, _centre = general
    ecology = world.bureau("ecology", "市生态环境局")
    world.offering(
        code="eia", handler=ecology.department,
        questions=[{"key": "project", "type": "text", "label": "项目是什么", "required": True}],
        benefit=publish("M21a", amount={"none": {}}, kind="service", delivery="service").benefit,
    )  # fmt: skip
    shop, owner = owner_at()

    case = routing.send("油烟环评要不要做", "environment", shop, by=owner)

    assert (case.request.offering, case.department) == (row, ecology.department)
    assert legs_of(case) == [("ecology", "sent")]


def test_a_need_is_answered_by_whoever_its_topic_names(general):
    market = world.bureau("market", "市市场监管局")
    shop, owner = owner_at()

    case = routing.send("营业执照丢了，怎么补", "paperwork", shop, by=owner)

    assert (case.department, case.request.topic) == (market.department, "paperwork")
    assert legs_of(case) == [("market", "sent")]
    assert world.faults() == []


def test_where_nothing_is_offered_one_is_told_whom_to_call():
    shop, owner = owner_at()

    with pytest.raises(Refused, match="12345"):
        routing.send(world.NEED, "other", shop, by=owner)


def test_twenty_a_day_and_no_more(general, monkeypatch):
    shop, owner = owner_at()
    monkeypatch.setattr(routing, "A_DAY", routing.Limit("need", 2, 86_400))
    for _ in range(2):
        routing.send(world.NEED, "other", shop, by=owner)

    with pytest.raises(Refused, match="一天最多"):
        routing.send(world.NEED, "other", shop, by=owner)
