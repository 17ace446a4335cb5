"""Roles as data: portal/data/roles.yaml becomes the groups of the same names, on every migrate."""

from pathlib import Path

from core.data_files import read_yaml

PATH = Path(__file__).with_name("data") / "roles.yaml"
VERBS = ("view", "add", "change", "delete")


def roles() -> dict[str, set[str]]:
    """``{role: {"app.codename", …}}`` as the file says."""
    found = {}
    for name, role in read_yaml(PATH)["roles"].items():
        grants = {
            f"{app}.{verb}_{model}"
            for verb in VERBS
            for models in role.get(verb, ())
            for app, names in models.items()
            for model in names
        }
        found[name] = grants | set(role.get("special", ()))
    return found


def write_roles(using="default", **kwargs) -> None:
    """Make the groups equal to the file. A permission the file misspells stops the migration."""
    from django.contrib.auth.models import Group, Permission

    known = {
        f"{app}.{codename}": pk
        for pk, app, codename in Permission.objects.using(using).values_list(
            "pk", "content_type__app_label", "codename"
        )
    }
    if not known:  # the tables are only just being made
        return
    for name, grants in roles().items():
        group, _ = Group.objects.using(using).get_or_create(name=name)
        group.permissions.set([known[grant] for grant in grants])
