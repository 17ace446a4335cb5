"""The steps of one application from signing in to rating, as people take them on the pages, and nowhere else."""

import csv
import io
import re

from portal.demo import PASSWORD

from .test_apply_in_browser import PHOTO, photo

OWNER = "13800000002"
BENEFIT = "M05c"
MATERIALS = ["身份证", "人员类别证明", "租赁合同", "房租付款凭证"]
WRONG_RENT = "合同上写的是每月 360 元，请核对后再填。"
WRONG_CONTRACT = "看不清租期，请重拍。"


class Person:
    """Somebody at a browser of their own. ``thumbs``: on a phone, where places are tapped.

    Keeps what was ``pressed`` and ``typed``, and calls ``look(page)`` on every page that the person comes to.
    """

    def __init__(self, page, look, *, thumbs=False):
        self.page, self.pressed, self.typed = page, [], []
        self._look, self._thumbs = look, thumbs

    def open(self, address):
        self.page.goto(address)
        self._look(self.page)

    def press(self, place):
        """Press what leads to another page, and wait for that."""
        with self.page.expect_navigation():
            self.choose(place)
        self._look(self.page)

    def choose(self, place):
        """Press what stays on the page: a box, a heading to unfold."""
        spot = self.page.locator(place).first
        spot.tap() if self._thumbs else spot.click()
        self.pressed.append(place)

    def type(self, place, text):
        self.page.fill(place, text)
        self.typed.append(place)

    def upload(self, section, number):
        """A photo by the form of ``section``; ``number`` makes it another than the last. No pressing that counts."""
        self.page.set_input_files(
            f"{section} input[type=file]", {**PHOTO, "buffer": photo() + bytes([number])}
        )
        with self.page.expect_navigation():
            self.page.locator(f"{section} button[value=upload]").click()
        self._look(self.page)

    def reads(self, place="main"):
        """The words at ``place``, each gap one space."""
        return " ".join(self.page.locator(place).first.inner_text().split())


# The owner


def sign_in(owner, gateway):
    owner.open("/")
    owner.press("header a:has-text('登录')")
    owner.type("#phone", OWNER)
    owner.press("main button:has-text('获取验证码')")
    owner.type("#code", gateway.code())
    owner.press("main button:has-text('登录')")


def find_out_what_there_is(owner):
    owner.press("main button:has-text('用这些信息查政策')")
    owner.press("main :is(a, button):has-text('先看结果')")


def hand_in(owner):
    """From the result card to the receipt."""
    owner.press(f"[data-item={BENEFIT}] a:has-text('去申请')")
    owner.press("main button:has-text('开始')")
    owner.press("main a:has-text('继续')")
    for number, material in enumerate(MATERIALS, 1):
        owner.upload(f"[data-material='{material}']", number)
    owner.press("main a:has-text('继续')")
    owner.choose("label:has-text('所填内容和材料真实')")
    owner.press("main button:has-text('提交申请')")


def mend(owner):
    """Both defects on the one page, from the message about them."""
    owner.open("/inbox/")
    owner.press("[data-letter] a:has-text('还要补 2 项')")
    owner.press("main button:has-text('去补')")
    owner.press("main a:has-text('去补材料')")
    owner.type("#monthly_rent", "360")
    owner.press("[data-defect=monthly_rent] button:has-text('保存这一项')")
    owner.upload("[data-defect='租赁合同']", 9)
    owner.press("main button:has-text('全部补好，重新提交')")


def rate(owner):
    """From the message about the money."""
    owner.open("/inbox/")
    owner.press("[data-letter] a:has-text('到账了')")
    owner.press("main button:has-text('打分')")
    owner.press("main button:text-is('非常满意')")
    owner.choose("label:has-text('办得快')")
    owner.press("main button:has-text('提交评价')")


# The bureau


def sign_in_staff(member, username):
    member.open("/admin/")
    member.type("[name=login]", username)
    member.type("[name=password]", PASSWORD)
    member.press("main button:has-text('登录')")


def take_next(member):
    member.press("#content a:has-text('办件')")
    member.press("button:has-text('取下一件')")


def ask_for_corrections(reviewer):
    reviewer.press("[data-key=b]")
    for label, reason in (("每月租金", WRONG_RENT), ("材料：租赁合同", WRONG_CONTRACT)):
        defect = f".review-defect:has(legend:has-text('{label}'))"
        reviewer.choose(f"{defect} input[type=checkbox]")
        reviewer.type(f"{defect} input[name^=reason]", reason)
    reviewer.press("button:has-text('看看店主会看到什么')")
    reviewer.press("button:has-text('确认，通知店主')")


def recommend(reviewer):
    for row in reviewer.page.locator("[data-row][data-result=staff]").all():
        reviewer.choose(f"#{row.get_attribute('id')} input[value=pass]")
    reviewer.press("[data-key=a]")


def prepare_batch(member):
    member.press("#content a:has-text('拨付批次')")
    member.press("button:has-text('编制批次')")


def approve_batch(member, number):
    member.press("#content a:has-text('拨付批次')")
    member.press(f"#result_list a:has-text('{number}')")
    for box in member.page.locator("[name=ticked]").all():
        member.choose(f"[name=ticked][value='{box.get_attribute('value')}']")
    member.press("button:has-text('批准这一批')")


def take_out(member):
    """The bytes of the batch for the bank."""
    with member.page.expect_download() as coming:
        member.choose("form[action$='/file/'] button")
    return coming.value.path().read_bytes()


def paid_by_the_bank(batch):
    """The bank's answer to a batch: everything is paid. Both are the bytes of a CSV file."""
    answer = io.StringIO()
    writer = csv.writer(answer)
    writer.writerow(["流水号", "结果", "银行流水号", "原因"])
    for place, row in enumerate(csv.DictReader(io.StringIO(batch.decode("utf-8-sig"))), 1):
        writer.writerow([row["流水号"], "成功", f"YH{place:06}", ""])
    return answer.getvalue().encode("gb18030")


def take_in_result(member, content):
    member.page.set_input_files(
        "#id_file", {"name": "结果.csv", "mimeType": "text/csv", "buffer": content}
    )
    member.press("button:has-text('导入结果')")


def batch_number(member):
    return re.search(r"PF-\d{4}-\d{8}", member.page.locator("h1").first.inner_text())[0]
