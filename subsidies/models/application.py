"""Applications: cases in which somebody asks for money."""

from cases.models import Case, CaseManager, CaseQuerySet, people_of


class ApplicationQuerySet(CaseQuerySet):
    def asked_by(self, user):
        """Always for a shop."""
        return self.of_people(people_of(user))


class Application(Case):
    """A case of the procedure ``subsidy`` (subsidies/procedure.py), in the table of all cases."""

    only = ("subsidy",)
    begins_with = {"procedure": "subsidy", "lane": "apply", "category": "cash", "once": "shop"}

    objects = CaseManager.from_queryset(ApplicationQuerySet)()

    class Meta:
        proxy = True
        verbose_name = verbose_name_plural = "办件"
        default_permissions = ()
        permissions = [("view_application", "看补贴申请"), ("pay_application", "编制、审批拨付")]
