import logging
import time

from django.db import close_old_connections

from core.background import wait_for_threads
from core.commands import DataCommand
from notifications.sweep import relay

logger = logging.getLogger(__name__)


class Command(DataCommand):
    help = "把数据库里还没做完的推送、事实变化和对外发送接着做完。没有 celery beat 时用 --forever 一直运行。"

    def add_arguments(self, parser) -> None:
        parser.add_argument("--forever", action="store_true", help="每隔几秒看一遍，直到被停下")
        parser.add_argument("--seconds", type=float, default=5.0, help="--forever 时隔几秒，默认 5")

    def handle(self, *, forever, seconds, **options) -> None:
        if not forever:
            relay()
        while forever:
            try:
                relay()
            except Exception:  # the database may be away for a moment: this loop is there when it comes back
                logger.exception("The relay goes on in %s seconds.", seconds)
                close_old_connections()
            time.sleep(seconds)
        wait_for_threads()
