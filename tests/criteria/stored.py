"""Profiles as rows of the register, written past it: what SQL readings are compared on."""

from businesses.models import Business


def store(registry, rows):
    """The rows as shops, named by their place."""
    Business.objects.all().delete()
    Business.objects.bulk_create(_shop(registry, place, row) for place, row in enumerate(rows))


def _shop(registry, place, row):
    shop = Business(name=f"{place:03}", extra={})
    for name, value in row.items():
        fact = registry[name]
        for column, inside in fact.stored(value).items():
            if fact.built_in:
                setattr(shop, column, inside)
            else:
                shop.extra[column] = inside
    return shop
