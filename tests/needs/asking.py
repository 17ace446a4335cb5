"""Needs of owners, and answers to them, as the tests send them."""

from needs import answers, routing
from tests.notifications.register import open_shop
from tests.services import world
from tests.services.test_kinds import do
from tests.subsidies.world import owner_of

QUESTION = "店门口下水道堵了，没有人管怎么办？"
ANSWER = "打市政热线，24 小时内有人来疏通。"


def owner_at(place=1, person=None):
    shop = open_shop(place, person=person)
    return shop, owner_of(shop)


def published(case, people, question=QUESTION, words=ANSWER):
    row = answers.prepare(case, question, words, by=people.reviewer)
    return answers.publish(row, by=people.approver)


def answered(general, place=9):
    """A need of somebody else that was answered."""
    _row, people = general
    shop, owner = owner_at(place)
    case = routing.send(world.NEED, "other", shop, by=owner)
    do(case, "answer", people.reviewer, words=ANSWER)
    return case


def type_(client, words=world.NEED):
    return client.post("/needs/", {"words": words})
