"""For people who write programs: what the API can do, and commands that work as they stand."""

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse

from accounts.models import ApiClient

# The owner of the contract's example: registered ten months ago, nothing received yet.
PROFILE = """{"benefits": ["M05a"], "profile": {
    "registered_on": "2026-01-15",
    "operator_groups": ["veteran"],
    "first_time_business": true,
    "startup_subsidy_received": false}}"""


def developers(request) -> HttpResponse:
    """/dev/: how to ask, how to get a client, and the limits. The demo client is named only where it exists."""
    client_id, secret = ("demo", "demo-secret") if settings.DEBUG else ("<client_id>", "<client_secret>")
    return render(
        request,
        "dev/index.html",
        {
            "steps": _steps(request.build_absolute_uri("/api/v1/"), client_id, secret),
            "scopes": ApiClient.SCOPES,
            "minutes": settings.OAUTH2_PROVIDER["ACCESS_TOKEN_EXPIRE_SECONDS"] // 60,
            "requests_per_second": settings.ANONYMOUS_REQUESTS_PER_SECOND,
            "is_demo": settings.DEBUG,
            "check": reverse("check"),
        },
    )


def _steps(base, client_id, secret) -> list:
    """``(heading, what it does, command)``."""
    return [
        (
            "问一家店能享受什么",
            "不用令牌。给出事实，得到每个事项的状态、金额、日期和理由。",
            f"curl {base}evaluations/ \\\n  -H 'Content-Type: application/json' \\\n  -d '{PROFILE}'",
        ),
        (
            "领取令牌",
            "用客户端编号和密钥换一个令牌，放进变量里。",
            f"TOKEN=$(curl -s -u '{client_id}:{secret}' \\\n"
            f"  -d grant_type=client_credentials {base}auth/token/ \\\n"
            '  | sed \'s/.*"access_token": *"\\([^"]*\\)".*/\\1/\')',
        ),
        (
            "列出商户",
            "只列出您的程序能看的店。每页 50 家，下一页的地址在 next 里。",
            f"curl -H \"Authorization: Bearer $TOKEN\" \\\n  '{base}businesses/?district=520201'",
        ),
        (
            "记下一家店的编号",
            "编号不会变，就是每一行的 id。这里取第一家。",
            f"ID=$(curl -s -H \"Authorization: Bearer $TOKEN\" \\\n  '{base}businesses/?page_size=1' \\\n"
            '  | sed \'s/.*"id": *"\\([^"]*\\)".*/\\1/\')',
        ),
        (
            "写入本部门的信息",
            "只能写本部门来源的信息。没写的项不变。",
            f"curl -X PATCH {base}businesses/$ID/ \\\n"
            '  -H "Authorization: Bearer $TOKEN" \\\n'
            "  -H 'Content-Type: application/json' \\\n"
            '  -d \'{"facts": {"guaranteed_loans_received": 0}}\'',
        ),
        (
            "看这家店能享受什么",
            "按登记的信息现算。加上 state 只看一种状态。",
            f"curl -H \"Authorization: Bearer $TOKEN\" \\\n  '{base}businesses/'$ID'/matches/?state=now,auto'",
        ),
        (
            "看替店主办的申请",
            "开始、提交、补正、撤回和申诉的地址都在接口文档里。店主先在“授权”里给“代办申请”。",
            f"curl -H \"Authorization: Bearer $TOKEN\" \\\n  '{base}applications/?state=submitted'",
        ),
        (
            "看有哪些服务",
            "不用令牌。要填什么、还能约哪些时间，在每一项自己的地址里。",
            f"curl '{base}offerings/?kind=enquiry'",
        ),
        (
            "看替店主办的服务",
            "verbs 是现在可以做的。发给本单位的单子在 legs 里。",
            f"curl -H \"Authorization: Bearer $TOKEN\" \\\n  '{base}requests/?phase=open'",
        ),
    ]
