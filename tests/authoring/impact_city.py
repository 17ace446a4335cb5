"""A made-up city, drafts of its rules, and their impact worked out: what tests of impact begin with."""

from django.core.management import call_command

from authoring import impact
from policies.models import BenefitVersion

SHOPS = 240


def build():
    call_command("generate_businesses", SHOPS, seed=3, verbosity=0)


def draft_of(code, change=lambda content: None, **values):
    """A draft from the version in force with some of its content changed."""
    based_on = BenefitVersion.objects.get(benefit__code=code)
    draft = BenefitVersion(benefit=based_on.benefit, number=2, content=based_on.content, **values)
    change(draft.content)
    draft.save()
    return draft


def bigger_and_sooner(content):
    """Of M05a."""
    content["parameters"]["grant"][0]["value"] = "6000"
    content["parameters"]["operating_for"][0]["value"] = {"months": 6}


def computed(draft, by, **options):
    """The run of a draft, worked on to its end."""
    run = impact.start(draft, by=by)
    impact.work(run.pk, **options)
    run.refresh_from_db()
    return run
