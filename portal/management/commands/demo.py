import subprocess
import sys

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from businesses.models import Business
from core.background import wait_for_threads
from core.errors import Invalid, Refused
from portal import demo, demo_jobs, demo_services, demo_visits
from portal.effect import figures


class Command(BaseCommand):
    help = "建演示账户、演示店铺和一座小的演示城市，只在 DEBUG 打开时能用。再运行一次不会改动已有的。"

    def add_arguments(self, parser) -> None:
        parser.add_argument("--city", type=int, default=300, metavar="N", help="演示城市有几家店，默认 300。")
        parser.add_argument("--later", action="store_true", help="演示城市在另一个进程里建，不等它。")

    def handle(self, *, city, later, verbosity, **options) -> None:
        if not settings.DEBUG:
            raise CommandError("演示数据只能在 DEBUG 打开时建立。正式运行请用 manage.py createsuperuser。")
        with transaction.atomic():
            demo.create_institutions()
            demo.create_people()
            demo.create_owners()
            demo.create_envelopes()
            demo.create_client()
        rooms = demo_services.are_there() and demo_jobs.are_there() and demo_visits.are_there()
        is_whole = Business.objects.count() >= city and (not city or rooms)
        if not is_whole and not later:
            self._build(city)
        wait_for_threads()  # what the shops can have is stored and told
        if is_whole or not later:
            figures.reckon()  # else they would stand empty until the next night
        if verbosity:
            self._say()
        if not is_whole and later:
            self._build_beside(city)

    def _build(self, city) -> None:
        if Business.objects.count() < city:
            call_command("generate_businesses", city, seed=1, verbosity=0)
        wait_for_threads()
        if city:
            self._try("演示服务", demo_services.create_services)
            self._try("演示检查", demo_visits.create_visits)
            self._try("演示用工", self._create_market)
            wait_for_threads()

    def _try(self, what, create) -> None:
        """Whole, or a sentence that says what is wrong."""
        try:
            with transaction.atomic():
                create()
        except (Invalid, Refused) as problem:
            raise CommandError(f"{what}没有建成：{problem}。改好后再运行一次，会接着建。") from problem

    def _create_market(self) -> None:
        demo.create_people(demo_jobs.STAFF)
        demo_jobs.create_market()

    def _build_beside(self, city) -> None:
        """Whoever stops us stops it too; what is not there then is built the next time."""
        subprocess.Popen(
            [sys.executable, "manage.py", "demo", f"--city={city}", "--verbosity=0"], cwd=settings.BASE_DIR
        )
        self.stdout.write(
            f"演示城市的 {city} 家店和演示服务正在后台生成，要几十秒。中途停下也没关系，再运行一次会补齐。"
        )

    def _say(self) -> None:
        say = self.stdout.write
        say(f"演示账户。工作人员在 /login/staff/ 登录，密码都是 {demo.PASSWORD}：")
        for person in (*demo.STAFF, *demo_services.STAFF, *demo_jobs.STAFF):
            say(f"  {person.username:<16} {person.does}")
        say("店主在 /login/ 用手机号登录。验证码显示在这里，也在 /dev/outbox/：")
        for shop in demo.SHOPS:
            if shop.phone:
                say(f"  {shop.phone:<16} {shop.operator}，{shop.name}")
        say(f"  {demo.WORKER:<16} 还没有店的人。可以试着绑定一家没人绑定的店：")
        for shop in demo.SHOPS:
            if not shop.phone:
                say(
                    f"      代码 {shop.credit_code}，经营者 {shop.operator}，身份证后 6 位 {shop.number[-6:]}"
                )
        say(f"  {demo_services.MENTOR:<16} 演示导师：在 /me/asked/ 看谁约了自己")
        say(f"  {demo_jobs.FIRST_WORKER:<16} 演示的找活的人：在 /jobs/work/ 看合适的活")
        say(f"接口客户端 {demo.CLIENT_ID} / {demo.CLIENT_SECRET}，用法见 /dev/")
