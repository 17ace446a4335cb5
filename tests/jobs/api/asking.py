"""Who asks over the API, what they send, and how they are refused."""

from jobs.models import JobMatch
from tests.services.askers import entrust, program

from ..world import wishes, work

SCOPES = "posts:read posts:write"
YEARS = {"fact": "experience", "op": "gte", "value": 2}


def body(found=None, **more):
    """Work, as a program writes it."""
    said = work(hours=8, people=4, **more)
    return {"business": str(found.public_id), **said} if found else said


def card(**more):
    return wishes(hours=9, experience=2, **more)


def wrong(answer, status=400):
    assert answer.status_code == status, answer.content.decode()
    return [(row["field"], row["code"]) for row in answer.json()["errors"]]


def refused(answer, status):
    assert answer.status_code == status, answer.content.decode()
    return answer.json()["detail"]


def agent(found, owner, name="agent", scopes=SCOPES, *granted):
    """A program that may apply for a shop, or what else is ``granted``."""
    client, asker = program(name, scopes=scopes)
    entrust(client, found, owner, *(granted or ("view", "apply")))
    return asker


def fitting(offered, someone):
    return JobMatch.objects.create(
        post=offered, worker=someone, wants_fen=12_000, day_fen=15_000, for_post=True, for_worker=True
    )


def titles(asker, query=""):
    return [row["title"] for row in asker.get(f"posts/{query}").json()["results"]]
