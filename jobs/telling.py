"""What the two sides of a contact are told, and a shop of its post. Whoever did something is not told of it; nobody's
number is in it."""

from dataclasses import replace

from django.urls import reverse

from cases.letters import Told, page_of
from notifications import letters as inbox
from services import links

from .permissions import SHOP, WORKER

LATER = "请到“政策直通车”查看，或拨12345。"


def asked(case, **details) -> Told | None:
    """With a link by which whoever is asked says yes at once."""
    contact = case.contact
    if contact.asked_by == WORKER:
        sentence = f"{contact.worker.shown_name}想做“{contact.post.title}”。要不要，请回个话。"
        return replace(_to_shop(case, "有人想来干活", sentence, wants=True), path=_yes(case, _owner(case)))
    sentence = f"{case.business.name}想请您做“{contact.post.title}”。去不去，请回个话。"
    _to_worker(case, "asked", "有店想请您", sentence, wants=True, path=_yes(case, contact.worker.user))
    return None


def _owner(case):
    """Whoever has bound the shop and is reached by its letters, None where nobody is."""
    rows = case.business.bindings.filter(ended_at=None, operator=case.operator_id).select_related("user")
    binding = rows.first()
    return binding and binding.user


def _yes(case, user) -> str:
    if user is None:
        return page_of(case)
    return reverse("one-tap", args=[links.token_of(case, "accept", user)])


def accepted(case, **details) -> Told | None:
    return _to_asker(case, "accept", "对方愿意谈", "现在可以看对方的电话，打个电话说好。", wants=True)


def refused(case, **details) -> Told | None:
    return _to_both(case, "refuse", "没有谈成", f"原因：{case.reason.rstrip('。')}。还有别的可以看看。")


def filled(case, **details) -> Told | None:
    _to_worker(case, "fill", "已经招满了", f"{case.business.name}已经招满了。还有别的活可以看看。")
    return None


def withdrawn(case, **details) -> Told | None:
    return _to_asked(case, "withdraw", "对方收回了", "对方先不谈了，您不用再回。")


def agreed(case, **details) -> Told | None:
    contact = case.contact
    if contact.shop_agreed and contact.worker_agreed:
        return _to_both(case, "agreed", "说定了", "两边都说定了。可以把合同填好，打印出来双方签字。")
    if contact.shop_agreed:
        _to_worker(
            case, "agree", "店里说定了", f"{case.business.name}说定了。您也说定，就点一下。", wants=True
        )
        return None
    return _to_shop(
        case, "对方说定了", f"{contact.worker.shown_name}说定了。您也说定，就点一下。", wants=True
    )


def finished(case, **details) -> Told | None:
    return _to_both(case, "finish", "这份活干完了", "辛苦了。工钱没有结清，请拨 12333。")


def lapsed(case, **details) -> Told | None:
    return _to_both(case, "lapse", "没有等到回话", "到期没有回话，先结束了。还可以看看别的。")


# To whom


def _to_asker(case, event, title, sentence, *, wants=False) -> Told | None:
    return _to_one(case, case.contact.asked_by, event, title, sentence, wants)


def _to_asked(case, event, title, sentence, *, wants=False) -> Told | None:
    side = SHOP if case.contact.asked_by == WORKER else WORKER
    return _to_one(case, side, event, title, sentence, wants)


def _to_one(case, side, event, title, sentence, wants) -> Told | None:
    if side == SHOP:
        return _to_shop(case, title, sentence, wants=wants)
    _to_worker(case, event, title, sentence, wants=wants)
    return None


def _to_both(case, event, title, sentence) -> Told:
    _to_worker(case, event, title, sentence)
    return _to_shop(case, title, sentence)


def _to_shop(case, title, sentence, *, wants=False) -> Told:
    """As the kernel sends it: to the operator of the shop."""
    about = f"“{case.contact.post.title}”"
    return Told(
        f"{about}：{title}", sentence, "去看看", sms=f"招工有回音：{title}。{LATER}", needs_action=wants
    )


def _to_worker(case, event, title, sentence, *, wants=False, path="") -> None:
    inbox.write(
        user=case.contact.worker.user,
        key=f"{case.subject} {case.version} {event} worker",
        title=title,
        sentence=sentence,
        action_label="去看看",
        action_path=path or page_of(case),
        sms=f"找活有回音：{title}。{LATER}",
        needs_action=wants,
    )


# Of a post


def of_post(post, ending: str, sentence: str) -> None:
    """Tell its shop what has become of it, by somebody else or by time."""
    if post.business.operator is None:
        return
    inbox.write(
        operator=post.business.operator,
        business=post.business,
        key=f"{post.subject} {post.version}",
        title=f"招工“{post.title}”{ending}",
        sentence=sentence,
        action_label="去看看",
        action_path=reverse("post", args=[post.public_id]),
        sms=f"您的招工{ending}。{LATER}",
    )


def of_shop_left(binding, count: int, passed_on: bool) -> None:
    """Tell whoever had a shop what has become of its posts. ``count``: how many."""
    if passed_on:
        ending, sentence = "结束了", f"登记的经营者变了，{count} 条招工结束了。登记不对请拨 12345。"
    else:
        ending, sentence = "停了", f"您和这家店的绑定解除了，{count} 条招工先停着。再绑定就可以接着招。"
    inbox.write(
        user=binding.user,
        key=f"binding {binding.pk} posts {'passed_on' if passed_on else 'unbound'}",
        title=f"{binding.business.name}的招工{ending}",
        sentence=sentence,
        action_label="看我的店",
        action_path=reverse("me"),
        sms=f"您店里的招工{ending}。{LATER}",
    )
