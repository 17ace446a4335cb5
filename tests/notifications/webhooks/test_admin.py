"""The administrator's pages of endpoints and events."""

import pytest

from accounts.models import ApiClient
from notifications.models import WebhookDelivery, WebhookEndpoint
from notifications.models.webhooks import POLICY_PUBLISHED
from notifications.webhooks import signing


@pytest.mark.django_db
def test_the_administrator_registers_one_in_the_admin_and_sees_the_secret_once(admin_client):
    client = ApiClient.objects.create(
        name="银行", client_type="confidential", authorization_grant_type="client-credentials"
    )
    address = "/admin/notifications/webhookendpoint/"
    wrong = admin_client.post(
        f"{address}add/", {"client": client.pk, "url": "http://a.cn/", "events": ["policy.published"]}
    )
    assert "网址要以 https:// 开头。" in wrong.content.decode()

    right = {"client": client.pk, "url": "https://a.example.cn/", "events": ["policy.published"]}
    page = admin_client.post(f"{address}add/", right, follow=True).content.decode()

    found = WebhookEndpoint.objects.get()
    secret = found.secret.reveal()
    assert page.count(secret) == 1
    assert secret not in admin_client.get(f"{address}{found.pk}/change/").content.decode()
    for action, said in (
        ("rotate", "只显示这一次"),
        ("retire", "旧密钥已停用"),
        ("disable", "已停用"),
        ("enable", "已恢复"),
    ):
        data = {"action": action, "_selected_action": [found.pk]}
        assert said in admin_client.post(address, data, follow=True).content.decode()
    found.refresh_from_db()
    assert (found.disabled_at, found.old_secret) == (None, None)
    assert found.secret.reveal() != secret


@pytest.mark.django_db
def test_the_administrator_sends_a_dead_event_again_in_the_admin(admin_client):
    client = ApiClient.objects.create(
        name="银行", client_type="confidential", authorization_grant_type="client-credentials"
    )
    found = WebhookEndpoint.objects.create(
        client=client, url="https://a.cn/", events=[], secret=signing.new_secret()
    )
    dead = WebhookDelivery.objects.create(endpoint=found, event=POLICY_PUBLISHED, payload={}, status="dead")
    data = {"action": "redrive", "_selected_action": [dead.pk]}

    answer = admin_client.post("/admin/notifications/webhookdelivery/", data, follow=True)

    assert "排进去了" in answer.content.decode()
    found_again = WebhookDelivery.objects.get()
    assert (found_again.status, found_again.tries) == ("pending", 0)
    assert admin_client.get(f"/admin/notifications/webhookdelivery/{dead.pk}/change/").status_code == 200
