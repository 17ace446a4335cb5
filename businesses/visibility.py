"""Which facts of a shop somebody may see, once they may see the shop (Business.objects.visible_to).

An owner or agent sees all of their own. Tax figures are confidential (税收征收管理法 §8): beside the owner only the tax
bureau, the administrator and the auditor see them.
"""

from accounts.principals import sees_all

from .facts import TAX


def may_see_fact(principal, fact) -> bool:
    """``principal``: a User or an ApiClient that may see the shop."""
    if fact.sources[0] != TAX:
        return True
    if hasattr(
        principal, "source"
    ):  # an ApiClient; without a source it acts for owners who gave it a mandate
        return principal.source in ("", TAX)
    if not principal.is_staff:
        return True
    if sees_all(principal):
        return True
    return getattr(principal.department, "code", None) == "tax"
