"""/me/: what the government knows about my shop, who may act for it, where money goes. For somebody signed in.

Which of several shops is meant stands in the session (``shop``). A shop, mandate or request of somebody else is 404.
"""

from datetime import timedelta
from functools import wraps

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.debug import sensitive_post_parameters

from accounts.actions import agree, has_agreed
from accounts.models import ApiClient
from businesses import actions, merge, rules
from businesses.business_types import reason_text
from businesses.credit import guidance
from businesses.facts import DERIVED, EMPLOYMENT, INSURANCE, REGISTRY, SELF, SOURCES, TAX, VETERANS
from businesses.industries import industry_text
from businesses.models import Binding, CorrectionRequest, Mandate, PaymentAccount
from businesses.register import known_of, profile_of
from businesses.registry import business_registry
from core.errors import Invalid, Refused
from core.facts import Misread, read_date
from core.wording import day_text, value_text
from eligibility.answers import OTHER_SHOP, book_of, chosen_shop, has_lost_shop, is_for, shops_of
from eligibility.check_pages import next_url
from eligibility.evaluation import evaluate
from eligibility.holdings import held_by
from eligibility.question_pages import page_by_key, page_of
from notifications.inbox import newest
from notifications.inbox_pages import asks_for_push
from subsidies.case_view import newest_cases

STALE_AFTER = timedelta(days=30)
DEPARTMENTS = (REGISTRY, TAX, INSURANCE, VETERANS, EMPLOYMENT)
GROUPS = ("登记", "经营者身份", "税", "社会保险", "补贴", "您填写的")
UNFOLDED = ("登记", "您填写的")
TROUBLED = ("suspended", "deregistered", "revoked")
MESSAGES_SHOWN = CASES_SHOWN = 3


def for_a_shop(view):
    """A page for somebody signed in about the shop they act for; without one they are led to choosing or binding it.

    A form that was shown for another shop is refused: the choice may have changed in another tab meanwhile.
    """

    @wraps(view)
    def with_shop(request, *args, **kwargs):
        shop = chosen_shop(request)
        if "shop" in request.POST and not is_for(request, shop):
            messages.error(request, OTHER_SHOP)
            return redirect("me")
        if shop is None:
            return redirect("me" if has_lost_shop(request) else "me-bind")
        return view(request, shop, *args, **kwargs)

    return login_required(with_shop)


def standing_of(request):
    """For the home page: the shop of whoever is signed in and how many money benefits it can have now, or None."""
    shop = chosen_shop(request)
    if shop is None:
        return None
    today = timezone.localdate()
    found = evaluate(profile_of(shop), today, held=held_by(shop, today)).assessments
    count = sum(one.rule.is_money and one.state in ("now", "auto") for one in found)
    return {"name": shop.name, "count": count}


# The shop


@login_required
def me(request):
    shops = shops_of(request.user)
    shop = chosen_shop(request)
    if shop is None:
        return _without_shop(request, shops)
    owns = actions.owns(request.user, shop)
    found, asked = known_of(shop)
    requests = list(CorrectionRequest.objects.visible_to(request.user).filter(business=shop)[:20])
    opened = {row.fact for row in requests if row.status == "open"}
    context = {
        "shop": _header(shop, owns),
        "shops": [_other(row, shop, request.user) for row in shops] if len(shops) > 1 else [],
        "stale": _stale(found),
        "groups": _groups(found, asked, opened),
        "requests": [_request(row, request.user) for row in requests],
        "credit": _credit(shop),
        "repairs": actions.see_repairs(shop, by=request.user),
        "account": _account(shop, request.user, owns),
        "mandates": [_mandate(row, request.user) for row in _mandates(request.user, shop)],
        "messages_shown": newest(request.user, MESSAGES_SHOWN),
        "cases": newest_cases(request.user, CASES_SHOWN),
        "asks_for_push": asks_for_push(request.user),
        "owns": owns,
        "may_answer": actions.may(request.user, shop, "answer"),
        "may_apply": actions.may(request.user, shop, "apply"),
    }
    return render(request, "me/shop.html", context)


def _without_shop(request, shops):
    """Nobody's page yet: say what has ended, and let them choose among the shops that are left, or bind one."""
    lost = has_lost_shop(request)
    request.session.pop("checking_shop", None)
    if not shops:
        request.session.pop("shop", None)
        return _bind_page(request, lost=lost)
    rows = [_other(row, None, request.user) for row in shops]
    return render(request, "me/choose.html", {"shops": rows})


def _header(shop, owns):
    status = shop.operating_status
    classes = business_registry()["distinctive_classes"]
    return {
        "public_id": shop.public_id,
        "name": shop.name,
        "credit_code": shop.credit_code or "",
        "status": shop.get_operating_status_display() if status else "",
        "troubled": status in TROUBLED,
        "registered_on": shop.registered_on,
        "industry": industry_text(shop.industry) if shop.industry else "",
        "address": shop.address,
        "by_mandate": not owns,
        "type": _type(shop),
        "distinctive": "、".join(
            classes.label_of(member) for member in classes.members(shop.distinctive_classes_yes or 0)
        ),
    }


def _type(shop):
    """分型 with the reason in words, or None before it was worked out."""
    verdict = getattr(shop, "type_verdict", None)
    if verdict is None:
        return None
    return {"label": str(verdict), "reason": reason_text(verdict), "on": verdict.on}


def _credit(shop):
    """Guidance only: a risk class is a tool of supervision and no label."""
    rating = getattr(shop, "credit_rating", None)
    if rating is None:
        return None
    return guidance(rating)


def _other(row, shop, user):
    return {
        "public_id": row.public_id,
        "name": row.name,
        "credit_code": row.credit_code or "",
        "by_mandate": not actions.owns(user, row),
        "current": row == shop,
    }


def _stale(found):
    """Departments whose newest word on this shop is older than a month: ``[{source, on}]``."""
    newest = {}
    for best in found.values():
        for source, on in _spoken(best):
            if source in DEPARTMENTS and on:
                newest[source] = max(newest.get(source, ""), on)
    limit = (timezone.localdate() - STALE_AFTER).isoformat()
    return [
        {"source": SOURCES[source], "on": newest[source]}
        for source in DEPARTMENTS
        if newest.get(source, limit) < limit
    ]


def _spoken(best):
    if best.members:
        return {(source, on) for _, source, on in best.members.values()}
    return {(best.source, best.on)}


def _groups(found, asked, opened):
    """What is known, in groups of rows ``{label, value, source, on, is_own, is_open, url}``; some groups unfolded."""
    rows = {title: [] for title in GROUPS}
    for name, fact in business_registry().items():
        if name in DERIVED:
            continue
        unsaid = [("不清楚", SELF, "")] if name in asked else []
        shown = _shown(fact, found[name]) if name in found else unsaid
        for value, source, on in shown:
            row = {
                "label": fact.label,
                "value": value,
                "source": SOURCES[source],
                "on": on,
                "is_own": source == SELF,
                "is_open": name in opened and source != SELF,
                "url": reverse("me-correct", args=[name]),
            }
            rows[_group(fact, source)].append(row)
    return [
        {
            "title": title,
            "rows": rows[title],
            "is_open": title in UNFOLDED or any(row["is_open"] for row in rows[title]),
        }
        for title in GROUPS
        if rows[title]
    ]


def _shown(fact, best):
    """``(value in words, source, day)``; of a set one for each source that names members."""
    if not best.members or not best.value["yes"]:
        return [(_words(fact, best.value), best.source, best.on)]
    by_source = {}
    for member, (holds, source, on) in best.members.items():
        if holds:
            by_source.setdefault((source, on), []).append(fact.label_of(member))
    return [("、".join(labels), source, on) for (source, on), labels in by_source.items()]


def _words(fact, value):
    return industry_text(value) if fact.type == "code" else value_text(fact, merge.inside(fact, value))


def _group(fact, source):
    """Where a fact is shown: by who says it, then by the department it is at home in."""
    home = fact.sources[0]
    if source == SELF:
        return "您填写的"
    if home == TAX:
        return "税"
    if home == INSURANCE:
        return "社会保险"
    if home == EMPLOYMENT and fact.name.endswith("_received"):
        return "补贴"
    return "经营者身份" if fact.scope == "operator" or home in (EMPLOYMENT, VETERANS) else "登记"


def _request(row, user):
    fact = business_registry().get(row.fact)
    may_read = rules.may_read_words(user, row)
    return {
        "label": fact.label if fact else row.fact,
        "note": row.note if may_read else "",
        "is_mine": row.asked_by_id == user.pk,
        "status": row.get_status_display(),
        "is_open": row.status == "open",
        "department": row.get_source_display(),
        "asked_at": row.asked_at,
        "answer": row.answer if may_read else "",
        "decided_at": row.decided_at,
    }


@login_required
def switch(request):
    """POST: act for another of one's shops from now on. Who comes back here from signing in chooses again."""
    if request.method != "POST":
        return redirect("me")
    wanted = request.POST.get("shop", "")
    if wanted not in {str(shop.public_id) for shop in shops_of(request.user)}:
        raise Http404
    request.session["shop"] = wanted
    return redirect("me")


@for_a_shop
def check(request, shop):
    """POST: 用这些信息查政策, asking only what is missing. ``page``: a question page to begin at."""
    if request.method != "POST":
        return redirect("me")
    request.session["shop"] = str(shop.public_id)
    request.session["checking_shop"] = True
    page = page_by_key(request.POST.get("page", ""), business_registry())
    if page is not None:
        return redirect("question", key=page.key)
    return redirect(next_url(book_of(request)))


# Binding


@sensitive_post_parameters()
@login_required
def bind(request):
    """Show that a shop is one's own, with what stands on the licence and the identity card."""
    if request.method != "POST":
        return _bind_page(request)
    if request.POST.get("agree"):
        agree(request.user, "sensitive")
    try:
        binding = actions.bind(
            request.user,
            request.POST.get("credit_code", ""),
            request.POST.get("operator_name", ""),
            request.POST.get("last_six", ""),
        )
    except (Invalid, Refused) as problem:
        return _bind_page(request, problem)
    shop = binding.business
    request.session["shop"] = str(shop.public_id)
    if shop.operating_status in ("deregistered", "revoked"):
        status = shop.get_operating_status_display()
        messages.warning(request, f"绑定好了。登记显示这家店{status}，多数政策不能再享受。")
    else:
        messages.success(request, "绑定好了。下面是政府已经知道的信息。")
    return redirect("me")


def _bind_page(request, problem=None, *, lost=False):
    fields = [
        _input(request, problem, "credit_code", "统一社会信用代码", "营业执照上的 18 位代码，以 92 开头。"),
        _input(request, problem, "operator_name", "经营者姓名", "和营业执照上的一样。", autocomplete="name"),
        _input(
            request,
            problem,
            "last_six",
            "经营者身份证号的后 6 位",
            "末位是 X 就填 X。只用来核对，不另外保存。",
            secret=True,
        ),
    ]
    context = {
        "fields": fields,
        "errors": _errors(problem, fields),
        "agreed": has_agreed(request.user, "sensitive"),
        "has_shop": chosen_shop(request) is not None,
        "lost": lost,
    }
    return render(request, "me/bind.html", context, status=_status(problem))


@for_a_shop
def unbind(request, shop):
    """End one's binding, after a page that says what follows."""
    binding = Binding.objects.visible_to(request.user).filter(business=shop, user=request.user, ended_at=None)
    binding = get_object_or_404(binding)
    if request.method != "POST":
        return render(request, "me/unbind.html", {"shop": shop})
    actions.unbind(binding, by=request.user)
    request.session.pop("shop", None)
    request.session.pop("checking_shop", None)
    messages.success(request, f"“{shop.name}”已解除绑定，给别人的授权也一起停了。")
    return redirect("me")


# Corrections and own words


@for_a_shop
def correct(request, shop, fact):
    """不对？: ask the department, or change what one has said oneself. POST ``withdraw`` takes the own word back."""
    registry = business_registry()
    found, own = known_of(shop)[0].get(fact), actions.own_words(shop)
    if fact not in registry or (found is None and fact not in own):
        raise Http404
    if not actions.may(request.user, shop, "answer"):
        raise PermissionDenied
    problem = None
    if request.method == "POST":
        try:
            if "withdraw" in request.POST:
                actions.state_facts(shop, {}, by=request.user, withdraw=[fact])
                messages.success(request, f"“{registry[fact].label}”已经删掉。")
            else:
                actions.ask_for_correction(shop, fact, request.POST.get("note", ""), by=request.user)
                messages.success(request, "已转给提供这项信息的部门核实。答复会显示在店铺页面。")
            return redirect("me")
        except (Invalid, Refused) as refusal:
            problem = refusal
    return _correct_page(request, shop, registry[fact], found, fact in own, problem)


def _correct_page(request, shop, fact, found, is_own, problem):
    source = rules.answering_source(fact, found) if found else None
    page = page_of(fact)
    note = _input(request, problem, "note", "哪里不对，应该是什么", "写清楚，部门好核实。最多 500 个字。")
    context = {
        "shop": shop,
        "label": fact.label,
        "value": _words(fact, found.value) if found else "不清楚",
        "on": found.on if found else "",
        "source": SOURCES[found.source] if found else SOURCES[SELF],
        "department": SOURCES[source] if source else "",
        "is_open": shop.correction_requests.filter(fact=fact.name, status="open").exists(),
        "is_own": is_own,
        "page": page.key if fact.ask != "never" and page_by_key(page.key, business_registry()) else "",
        "note": note,
        "errors": _errors(problem, [note]),
    }
    return render(request, "me/correct.html", context, status=_status(problem))


# Money


def _account(shop, user, owns):
    """Where the operator is paid, and to the owner also who registered it; None for who may not see it."""
    accounts = PaymentAccount.objects.visible_to(user).standing().select_related("added_by")
    row = accounts.filter(operator=shop.operator_id).first()
    if row is None:
        return None
    added_by = "您" if row.added_by == user else f" {row.added_by.masked_phone} " if row.added_by else ""
    return {
        "bank": row.bank,
        "last_four": row.last_four,
        "added_by": added_by if owns else "",
        "added_at": row.added_at,
    }


@sensitive_post_parameters()
@for_a_shop
def account(request, shop):
    """Where subsidies are paid to."""
    if not actions.may(request.user, shop, "apply"):
        raise PermissionDenied
    problem = None
    if request.method == "POST":
        if request.POST.get("agree") and actions.owns(request.user, shop):
            agree(request.user, "sensitive")
        try:
            given = {name: request.POST.get(name, "") for name in ("holder", "bank", "number")}
            row = actions.set_payment_account(shop, **given, by=request.user)
            messages.success(request, f"收款账户已登记：{row.bank}，尾号 {row.last_four}。")
            return redirect(_way_back(request) or "me")
        except (Invalid, Refused) as refusal:
            problem = refusal
    return _account_page(request, shop, problem)


def _way_back(request):
    """The page of ours that led here, in ``next``; empty where none did."""
    target = request.POST.get("next", "") or request.GET.get("next", "")
    safe = url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure())
    return target if safe else ""


def _account_page(request, shop, problem):
    holder = shop.operator.name if shop.operator else ""
    fields = [
        _input(request, problem, "holder", "户名", "必须是经营者本人。", value=holder, autocomplete="name"),
        _input(request, problem, "bank", "开户银行", "例如：贵州银行六盘水分行。"),
        _input(request, problem, "number", "账号", "银行卡号或存折账号，可以带空格。", secret=True),
    ]
    accounts = PaymentAccount.objects.visible_to(request.user).standing()
    context = {
        "shop": shop,
        "next": _way_back(request),
        "current": accounts.filter(operator=shop.operator_id).first(),
        "fields": fields,
        "errors": _errors(problem, fields),
        "agreed": not actions.owns(request.user, shop) or has_agreed(request.user, "sensitive"),
    }
    return render(request, "me/account.html", context, status=_status(problem))


# Mandates


def _mandates(user, shop):
    """Those an owner has given for the shop; those an agent holds for it."""
    rows = Mandate.objects.visible_to(user).standing().filter(business=shop)
    return rows.select_related("agent", "client")


def _mandate(row, user):
    return {
        "pk": row.pk,
        "holder": row.client.name if row.client else row.agent.masked_phone,
        "relation": row.relation,
        "scopes": "、".join(row.scope_labels),
        "until": row.until,
        "is_mine": row.agent_id == user.pk,
    }


@for_a_shop
def mandates(request, shop):
    """Who else may act for the shop. POST gives one."""
    problem, owns = None, actions.owns(request.user, shop)
    if request.method == "POST":
        try:
            actions.give_mandate(shop, by=request.user, **_asked_mandate(request))
            messages.success(request, "授权好了。对方用这个手机号登录就能看到您的店。")
            return redirect("me-mandates")
        except (Invalid, Refused) as refusal:
            problem = refusal
    return _mandates_page(request, shop, owns, problem)


def _asked_mandate(request):
    try:
        until = read_date(request.POST.get("until", ""))
    except Misread as misread:
        raise Invalid.because("until", misread.code, misread.detail) from None
    wanted = request.POST.get("client", "")
    client = next((row for row in _clients() if str(row.pk) == wanted), None)
    if wanted and client is None:
        raise Invalid.because("client", "disabled_client", actions.PROGRAM_SWITCHED_OFF)
    return {
        "phone": request.POST.get("phone", ""),
        "client": client,
        "relation": request.POST.get("relation", ""),
        "scopes": ["view", *request.POST.getlist("scopes")],
        "until": until,
    }


def _clients():
    """Programs in use that see a shop by mandate only: those that provide no data themselves."""
    return ApiClient.objects.filter(source="", disabled_at=None).order_by("name")


def _client_choices(request):
    chosen = request.POST.get("client", "")
    keys = {str(row.pk): row.name for row in _clients()}
    return [{"value": key, "label": name, "checked": key == chosen} for key, name in keys.items()]


def _mandates_page(request, shop, owns, problem):
    latest = rules.last_day_of_a_mandate(timezone.localdate())
    chosen = request.POST.getlist("scopes") if problem else ["answer"]
    fields = [
        _input(
            request, problem, "phone", "对方的手机号", "他用这个手机号登录。", autocomplete="off", mode="tel"
        ),
        _input(request, problem, "relation", "他是您的什么人", "例如：女儿、代账会计。可以不填。"),
        _input(
            request,
            problem,
            "until",
            "有效到哪天",
            f"最长 1 年，最晚 {day_text(latest)}。",
            value=latest.isoformat(),
            kind="date",
        ),
    ]
    context = {
        "shop": shop,
        "owns": owns,
        "mandates": [_mandate(row, request.user) for row in _mandates(request.user, shop)],
        "fields": fields,
        "scopes": [
            {"value": value, "label": label, "checked": value in chosen}
            for value, label in Mandate.SCOPES
            if value != "view"
        ],
        "clients": _client_choices(request) if owns else [],
        "to_a_person": not request.POST.get("client"),
        "errors": _errors(problem, fields),
    }
    return render(request, "me/mandates.html", context, status=_status(problem))


@login_required
def revoke(request, pk):
    """POST: end a mandate one has given, or holds."""
    if request.method != "POST":
        return redirect("me-mandates")
    mandate = get_object_or_404(Mandate.objects.visible_to(request.user), pk=pk)
    try:
        actions.revoke_mandate(mandate, by=request.user)
        messages.success(request, "授权已经撤销，马上生效。")
    except Refused as refusal:
        messages.error(request, str(refusal))
    return redirect("me-mandates" if mandate.given_by_id == request.user.pk else "me")


# Forms


def _input(
    request,
    problem,
    name,
    label,
    hint="",
    *,
    value="",
    kind="text",
    mode="",
    autocomplete="off",
    secret=False,
):
    """A text field as components/text_field.html takes it. What is ``secret`` is not sent back to the page."""
    typed = request.POST.get(name, "") if problem else value
    return {
        "name": name,
        "label": label,
        "hint": hint,
        "value": "" if secret else typed,
        "type": kind,
        "inputmode": mode,
        "autocomplete": autocomplete,
        "error": _said_of(problem, name),
    }


def _said_of(problem, name):
    if not isinstance(problem, Invalid):
        return ""
    return "；".join(fault.detail for fault in problem.faults if fault.field == name)


def _errors(problem, fields):
    """The lines of the error summary; what belongs to no field leads to the first."""
    if problem is None:
        return []
    if isinstance(problem, Refused):
        return [{"anchor": fields[0]["name"], "message": str(problem)}]
    names = {field["name"] for field in fields}
    first = fields[0]["name"]
    return [
        {"anchor": fault.field if fault.field in names else first, "message": fault.detail}
        for fault in problem.faults
    ]


def _status(problem):
    return 200 if problem is None else 400 if isinstance(problem, Invalid) else 409
