"""What every page needs around its content: how it is to look for this reader, and the way about."""

from dataclasses import dataclass

from django.contrib.auth import REDIRECT_FIELD_NAME
from django.urls import reverse
from django.utils.http import urlencode

from cases.pages.listing import waiting_for
from notifications.inbox.cards import unread_of
from notifications.inbox.pages import count_label


@dataclass(frozen=True)
class Preference:
    """One thing a reader can set. The first value stands when nothing is set."""

    name: str
    label: str
    values: dict

    def of(self, request):
        value = request.COOKIES.get(self.cookie)
        return value if value in self.values else next(iter(self.values))

    @property
    def cookie(self) -> str:
        return f"display-{self.name}"


PREFERENCES = (
    Preference("size", "字号", {"standard": "标准", "large": "大", "largest": "特大"}),
    Preference("theme", "明暗", {"auto": "跟随手机或电脑", "light": "浅色", "dark": "深色"}),
    Preference("contrast", "对比度", {"standard": "标准", "high": "高对比，黑白更分明"}),
    Preference("motion", "动画", {"auto": "跟随手机或电脑", "reduced": "不要动画"}),
)
# What the button in the header offers next: its value and its words.
NEXT_SIZE = {"standard": ("large", "大字"), "large": ("largest", "特大字"), "largest": ("standard", "标准字")}
PLACES = (
    ("首页", "home", "home"),
    ("查政策", "policy-list", "list"),
    ("查一查", "check", "search"),
    ("服务", "services", "chat"),
    ("我的", "me", "person"),
)
# For whoever is signed in as an owner, whose shop is known: 办件 in place of 查一查.
OWN_PLACES = (*PLACES[:2], PLACES[3], ("办件", "cases", "folder"), PLACES[4])
# What else belongs to a place, by how its address begins.
BELONGS = {"me": ("/inbox/",), "services": ("/needs/",), "cases": ("/apply/",)}


def frame(request) -> dict:
    return {
        "frame": appearance(request)
        | {"nav": _places(request), "person": _person(request), "login_url": _login_url(request)}
    }


def appearance(request) -> dict:
    """How the page is to look, and what the button in the header offers: known without asking the database."""
    chosen = {preference.name: preference.of(request) for preference in PREFERENCES}
    next_size, next_size_label = NEXT_SIZE[chosen["size"]]
    return chosen | {
        "next_size": next_size,
        "next_size_label": next_size_label,
        "next": request.get_full_path(),
    }


def _person(request) -> dict | None:
    """Who is signed in, as the header names them; None for everybody else."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return None
    return {"name": user.shown_name or "我的账户"}


def _login_url(request):
    """Signing in leads back to where the reader was, except from the pages that are about signing in."""
    login, path = reverse("login"), request.get_full_path()
    if request.path.startswith(login) or request.path == reverse("home"):
        return login
    return f"{login}?{urlencode({REDIRECT_FIELD_NAME: path})}"


def _places(request) -> list:
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated or user.is_staff:
        return [_place(request.path, *place) for place in PLACES]
    places = {name: _place(request.path, label, name, icon) for label, name, icon in OWN_PLACES}
    places["cases"] |= {"count": count_label(waiting_for(request)), "counted": "件要您处理"}
    places["me"]["count"] = count_label(unread_of(request))
    return list(places.values())


def _place(path, label, name, icon) -> dict:
    url = reverse(name)
    current = path == url if url == reverse("home") else path.startswith((url, *BELONGS.get(name, ())))
    return {"label": label, "url": url, "current": current, "icon": icon, "count": "", "counted": "条未读"}
