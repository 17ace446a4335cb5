"""Those who read the inbox: owners, agents, and what they see."""

from datetime import timedelta

from accounts.models import User
from businesses.models import Mandate
from notifications.inbox import cards, reading
from notifications.models import Notification

from . import people
from .register import TODAY


def owner_of(shop, number=1):
    """Somebody who has not been asked about pushes yet."""
    return people.owner_of(shop, number, agrees=False)


def agent_of(shop, owner, *scopes, number=9):
    agent = User.objects.begin_with_phone(f"1390000{number:04}")
    Mandate.objects.create(
        business=shop, given_by=owner, agent=agent, scopes=list(scopes), until=TODAY() + timedelta(days=9)
    )
    return agent


def newest(shop):
    return (
        Notification.objects.select_related("business", "benefit", "run").filter(business=shop).latest("pk")
    )


def read_by(user, shop):
    return reading.read(newest(shop), user)


def cards_of(user, **options):
    return [(card.title, card.kind_label) for card in cards.page_of(user, **options).cards]
