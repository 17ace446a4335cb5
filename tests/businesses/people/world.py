"""Shops, owners, agents and clerks."""

from django.contrib.auth.models import Permission
from django.utils import timezone

from accounts.actions import agree
from accounts.models import Department, User
from businesses.actions import bind, give_mandate
from businesses.models import Business, Source
from businesses.register import Arrival, take_in
from tests.properties import examples

PERSON, OTHER = "520201198001010012", "520201198001010020"
NAME, LAST_SIX = "阿依·买买提", "010012"
CODES = ["92520201MA6E00019C", "92520203MA6E000199"]
ACCOUNT = {"holder": NAME, "bank": "贵州银行", "number": "6222 0000 1234 5678"}
TODAY = timezone.localdate()
slow = examples(20)


def opened(place=0, identity=PERSON, name=NAME, **said):
    """A shop in the register; ``said``: ``source={fact: value}``."""
    said.setdefault("registry", {"registered_on": "2025-01-15", "operating_status": "operating"})
    arrival = Arrival(
        said, credit_code=CODES[place], identity=identity, name=f"演示店{place}", operator_name=name
    )
    take_in([arrival], on=TODAY)
    return Business.objects.get(credit_code=CODES[place])


def person(number):
    user = User.objects.begin_with_phone(f"1380000{number:04}")
    agree(user, "sensitive")
    return user


def owner_of(shop, number=1):
    return bind(person(number), shop.credit_code, NAME, LAST_SIX).user


def agent_of(shop, owner, scopes, number=2):
    give_mandate(shop, phone=f"1380000{number:04}", scopes=scopes, until=TODAY, by=owner)
    return person(number)


def clerk(department, *codenames):
    """Staff of a department with some permissions."""
    bureau, _ = Department.objects.get_or_create(code=department, defaults={"name": department})
    user = User.objects.create_user(
        f"clerk-{department}-{User.objects.count()}", is_staff=True, department=bureau
    )
    user.user_permissions.set(Permission.objects.filter(codename__in=codenames))
    return User.objects.get(pk=user.pk)


def department_of(source, department):
    Source.objects.update_or_create(
        code=source, defaults={"label": source, "department_code": department, "columns": {}}
    )
