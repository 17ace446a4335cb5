"""店铺码: the signed address at a shop's door. It says which shop, and opens nothing to anybody else."""

from django.core import signing
from django.urls import reverse

from businesses.models import Business

_SIGNER = signing.Signer(salt="visits.code", sep="~")


def token_of(shop: Business) -> str:
    return _SIGNER.sign(f"{shop.pk:x}")


def path_of(shop: Business) -> str:
    return reverse("at-the-door", args=[token_of(shop)])


def shop_of(token: str) -> Business | None:
    """The shop that a code names; None where it is none of ours."""
    try:
        return Business.objects.filter(pk=int(_SIGNER.unsign(token), 16)).first()
    except signing.BadSignature:
        return None
