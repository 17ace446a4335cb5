"""Mail by SMTP, with a way to stop it that a mail program can offer as a button (RFC 8058)."""

import logging
from email.utils import parseaddr
from smtplib import (
    SMTPDataError,
    SMTPException,
    SMTPRecipientsRefused,
    SMTPResponseException,
    SMTPSenderRefused,
)

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection

from ..digests import mail, subject
from ..site import site
from .base import Became, Channel, Message, Outcome

logger = logging.getLogger(__name__)
NOT_REACHED = Outcome(Became.LATER, "邮件服务器连不上")
HUNG_UP = Outcome(Became.UNKNOWN, "邮件服务器断开了，不确定是否送达")


class Email(Channel):
    name = "email"

    def is_set_up(self) -> bool:
        return bool(settings.EMAIL_URL)

    def message(self, key, to, said, *, name, stop_url):
        text, html = mail(said, site(), stop_url)
        return Message(key, to, subject(said), text, html, stop_url=stop_url)

    def send(self, messages):
        connection, outcomes = get_connection(), []
        try:
            for message in messages:
                # Where the server is away or hangs up, the others wait too: each would take as long to find out.
                lost = outcomes and outcomes[-1] in (NOT_REACHED, HUNG_UP)
                outcomes.append(NOT_REACHED if lost else self._send(message, connection))
        finally:
            self._close(connection)
        return outcomes

    def _send(self, message, connection):
        try:
            connection.open()  # does nothing where it is open
        except (OSError, SMTPException):
            return NOT_REACHED
        try:
            _mail_of(message, connection).send()
        except SMTPRecipientsRefused as problem:
            return _refused(problem)
        except SMTPDataError as problem:
            return _answered(problem)
        except SMTPSenderRefused as problem:
            return Outcome(Became.LATER, f"邮件服务器不接受发件人：{problem.smtp_code}")
        except SMTPResponseException as problem:
            return _answered(problem)
        except (OSError, SMTPException):  # in the middle of it: the server may have it
            return HUNG_UP
        except Exception:  # one mail must not keep the others from being marked
            logger.exception("A mail was not handed over.")
            return Outcome(Became.FAILED, "邮件生成不了")
        return Outcome(Became.SENT)

    def _close(self, connection) -> None:
        try:
            connection.close()
        except (OSError, SMTPException):
            connection.connection = None


def _mail_of(message: Message, connection):
    stop = {
        "List-Unsubscribe": f"<{message.stop_url}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or "localhost"
    multipart = EmailMultiAlternatives(
        message.title,
        message.text,
        settings.DEFAULT_FROM_EMAIL,
        [message.to],
        connection=connection,
        headers={
            "Message-ID": f"<{message.key}@{domain}>",
            "Auto-Submitted": "auto-generated",
            **(stop if message.stop_url else {}),
        },
    )
    multipart.attach_alternative(message.html, "text/html")
    return multipart


def _refused(problem):
    (code, _), *_ = problem.recipients.values()
    if 500 <= code < 600:
        return Outcome(Became.REFUSED, f"邮件服务器回答 {code}：没有这个邮箱")
    return Outcome(Became.LATER, f"邮件服务器回答 {code}")


def _answered(problem):
    became = Became.FAILED if 500 <= problem.smtp_code < 600 else Became.LATER
    return Outcome(became, f"邮件服务器回答 {problem.smtp_code}")
