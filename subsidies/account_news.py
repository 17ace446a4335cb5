"""The account that money goes to was changed: its owner is told at once wherever they are reached, also at night."""

from businesses.signals import account_changed
from cases.terms import usual
from notifications import letters

_CALL = "不是您改的，马上拨12345。"


def register() -> None:
    """Called once when the site starts."""
    account_changed.connect(tell)


def tell(sender, account, business, **kwargs) -> None:
    days = usual("account_watch_days")
    letters.write(
        operator=account.operator,
        business=business,
        key=f"account {account.pk}",
        title="收款账户改了",
        # Whoever may only view the shop reads it too, and is told neither bank nor number.
        sentence=f"{days} 天以后才会往新账户打钱。不是您改的，马上拨 12345。",
        action_label="看收款账户",
        action_path="/me/account/",
        sms=f"收款账户改为尾号{account.last_four}，{days}天后才打钱。{_CALL}",
        urgent=True,
    )
