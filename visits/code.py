"""店铺码: the signed address at a shop's door, and its picture. It says which shop, and
opens nothing to anybody else."""

import qrcode
from django.core import signing
from django.urls import reverse

from businesses.models import Business

_SIGNER = signing.Signer(salt="visits.code", sep="~")
BORDER = 4  # modules of white around it, as the standard asks


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


def picture_of(url: str) -> dict:
    """``{size, path}``: a square of so many modules, and the path of those that are black, for an ``svg``."""
    code = qrcode.QRCode(border=BORDER, error_correction=qrcode.ERROR_CORRECT_M)
    code.add_data(url)
    rows = code.get_matrix()
    path = "".join(
        f"M{across} {down}h1v1h-1z"
        for down, row in enumerate(rows)
        for across, black in enumerate(row)
        if black
    )
    return {"size": len(rows), "path": path}
