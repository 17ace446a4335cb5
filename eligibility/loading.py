"""Bringing the measures file into the catalogue: the versions it publishes are the system's."""

from dataclasses import dataclass, field

from django.db import transaction
from django.utils import timezone

from accounts.models import Department
from businesses.registry import business_registry
from core.errors import Refused
from core.facts import read_date
from core.models import Edition
from policies.measures_file import MeasuresFile, digest, read_file
from policies.models import CATALOGUE_EDITION, Benefit, BenefitVersion, Measure, PolicyDocument, Topic
from policies.search.measures import search_text
from policies.search.words import load_words

from .signals import version_published

SYSTEM = "system"
BENEFIT_HEAD = ("title", "kind", "delivery")


@dataclass
class Loaded:
    """What a load did: codes of benefits by what happened to them."""

    published: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)


def load_measures(path) -> Loaded:
    """Load a measures file: all of it or nothing. Loading it again changes nothing.

    Content unchanged since its own last load does nothing, even where an officer's version is newer. Changed content
    makes a new version. Raises BrokenFile with the lines at fault, and Refused naming the benefits of which an
    officer has published a newer version than the last load.
    """
    file = read_file(path, business_registry())
    with transaction.atomic():
        documents = {row["code"]: _document(row) for row in file.documents}
        departments = _named_rows(Department, file.departments)
        topics = _topics(file.topics)
        for code, measure in file.measures.items():
            _measure(code, measure, file, documents, departments, topics)
        loaded = _versions(file)
        load_words()
        Edition.objects.bump(CATALOGUE_EDITION)
    return loaded


def _document(data):
    values = {
        "title": data["title"],
        "number": data.get("number") or "",
        "issuer": data.get("issuer") or "",
        "status": data["status"],
        "dated_on": read_date(data["dated_on"]),
        "effective_from": data.get("effective_from") and read_date(data["effective_from"]),
        "effective_to": data.get("effective_to") and read_date(data["effective_to"]),
        "preamble": data.get("preamble") or "",
    }
    fingerprint = digest(data)
    document = PolicyDocument.objects.filter(code=data["code"]).first()
    if document is None or document.content_digest != fingerprint:
        # Only what the file says anew: a status that staff have set since stays.
        values["content_digest"] = fingerprint
        document, _ = PolicyDocument.objects.update_or_create(code=data["code"], defaults=values)
    return document


def _named_rows(model, rows) -> dict:
    return {
        row["code"]: model.objects.update_or_create(code=row["code"], defaults={"name": row["name"]})[0]
        for row in rows
    }


def _topics(rows):
    topics = {}
    for position, row in enumerate(rows):
        values = {"name": row["name"], "position": position}
        topics[row["code"]], _ = Topic.objects.update_or_create(code=row["code"], defaults=values)
    return topics


def _measure(code, data, file, documents, departments, topics) -> None:
    benefit_words = [
        text
        for benefit in data["benefits"].values()
        for text in (benefit["title"], benefit["summary"], benefit["who"])
    ]
    values = {
        "document": documents[file.documents[0]["code"]],
        **{key: data[key] for key in ("clause", "chapter", "title", "summary", "text", "keywords")},
        "named": [*data["lead"], *data["responsible"]],
        "search_text": search_text(
            data["title"],
            data["summary"],
            data["text"],
            " ".join(benefit_words),
            data["keywords"],
            [benefit["title"] for benefit in data["benefits"].values()],
        ),
    }
    measure, _ = Measure.objects.update_or_create(code=code, defaults=values)
    measure.lead.set(departments[name] for name in data["lead"])
    measure.responsible.set(departments[name] for name in data["responsible"])
    measure.topics.set(topics[name] for name in data["topics"])
    for benefit_code, content in data["benefits"].items():
        head = {key: content[key] for key in BENEFIT_HEAD}
        rests_on = {"document": documents[file.rests_on[benefit_code]]}
        benefit, _ = Benefit.objects.update_or_create(
            code=benefit_code, defaults=rests_on, create_defaults={"measure": measure, **head, **rests_on}
        )
        benefit.topics.set(topics[name] for name in content.get("topics") or ())


def _versions(file: MeasuresFile):
    loaded, published, contested = Loaded(), [], []
    benefits = Benefit.objects.in_bulk(file.contents, field_name="code")
    for code, content in file.contents.items():
        benefit, fingerprint = benefits[code], digest(content)
        own_last = benefit.versions.filter(published_by=SYSTEM).order_by("-number").first()
        if own_last and own_last.content_digest == fingerprint:
            loaded.unchanged.append(code)
            continue
        newest = benefit.versions.order_by("-number").first()
        if own_last and benefit.versions.published().filter(number__gt=own_last.number).exists():
            contested.append(code)
            continue
        version = BenefitVersion.objects.create(
            benefit=benefit,
            number=newest.number + 1 if newest else 1,
            status=BenefitVersion.Status.PUBLISHED,
            effective_from=_effective_from(content, first=own_last is None),
            content=content,
            content_digest=fingerprint,
            published_by=SYSTEM,
            published_at=timezone.now(),
        )
        for key in BENEFIT_HEAD:
            setattr(benefit, key, content[key])
        benefit.save()
        published.append(version)
        loaded.published.append(code)
    if contested:
        raise Refused(
            f"{'、'.join(contested)} 已有工作人员发布的更新版本，文件里的内容没有载入。"
            "请先把那一版的改动写进文件，或者在后台另起一版。"
        )
    for version in published:  # at the end, so that whoever listens reads the catalogue once
        version_published.send(BenefitVersion, version=version)
    return loaded


def _effective_from(content, *, first):
    """The day stated in the file; else ever since for the first version, and today for a later one."""
    if content.get("effective_from"):
        return read_date(content["effective_from"])
    return None if first else timezone.localdate()
