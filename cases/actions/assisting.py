"""代办, as far as cases know more of it: nobody helps where they would have to keep away."""

from businesses import assisting
from businesses.identifiers import read_credit_code
from businesses.models import Assistance, Business
from core.errors import NotYours
from core.facts import Misread

from ..rights.recusal import of_shops

KEEP_AWAY = "这家店和您有关系，您要回避。请换一位同事来代办。"


def begin(*, by, **given) -> Assistance:
    """As businesses.assisting.begin; NotYours for a shop from which ``by`` keeps away."""
    try:
        code = read_credit_code(given["credit_code"])
    except Misread:
        code = ""
    if Business.objects.filter(of_shops(by), credit_code=code).exists():
        raise NotYours(KEEP_AWAY)
    return assisting.begin(by=by, **given)
