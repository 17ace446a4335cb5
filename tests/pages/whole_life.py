"""One application from signing in to its rating, step by step, as people take it on the pages and nowhere else."""

import csv
import io

from portal.demo import PASSWORD

from .test_apply_in_browser import PHOTO, photo

OWNER = "13800000002"
RENT, RENT_AFTERWARDS = 380, 360
MATERIALS = ["身份证", "租赁合同", "房租付款凭证"]  # who is what, departments know
WRONG_RENT = "合同上写的是每月 360 元，请核对后再填。"
WRONG_CONTRACT = "看不清租期，请重拍。"
FIELDS_TO_TYPE_IN = (
    "main :is(textarea, input:not([type=hidden], [type=file], [type=checkbox], [type=radio]))"
    ":not(details:not([open]) *)"  # nobody is asked what they have to unfold first
)


class Person:
    """Somebody at a browser of their own; with ``thumbs`` it is a phone, where places are tapped.

    ``pressed``, ``typed``: the places so far; ``asked``: names of fields to type in, on every page that they came to.
    ``look(page)`` is called on each of these pages.
    """

    def __init__(self, page, look, *, thumbs=False):
        self.page, self.pressed, self.typed, self.asked = page, [], [], []
        self._look, self._thumbs = look, thumbs

    def open(self, address):
        self.page.goto(address)
        self._arrive()

    def press(self, place):
        """Press what leads to another page, and wait for that."""
        with self.page.expect_navigation():
            self.choose(place)
        self._arrive()

    def choose(self, place):
        """Press what stays on the page."""
        spot = self.page.locator(place).first
        spot.tap() if self._thumbs else spot.click()
        self.pressed.append(place)

    def type(self, place, text):
        self.page.fill(place, text)
        self.typed.append(place)

    def upload(self, section, number):
        """A photo, by the form of ``section``; ``number`` makes it another than the others. Counts as no press."""
        content = photo() + bytes([number])
        self.page.set_input_files(f"{section} input[type=file]", {**PHOTO, "buffer": content})
        with self.page.expect_navigation():
            self.page.locator(f"{section} button[value=upload]").click()
        self._arrive()

    def reads(self, place):
        """The words of the first such place, every gap a single space."""
        return " ".join(self.page.locator(place).first.inner_text().split())

    def reads_pairs(self, heading):
        """The list below ``heading`` as {term: what it says}, without the note and the link behind them."""
        rows = self.page.locator(f"h2:text-is('{heading}') + dl > div").all()
        first = "node => node.firstChild.textContent.trim()"
        return {row.locator("dt").evaluate(first): row.locator("dd").evaluate(first) for row in rows}

    def _arrive(self):
        self.asked += self.page.eval_on_selector_all(FIELDS_TO_TYPE_IN, "all => all.map(field => field.name)")
        self._look(self.page)


class Desks:
    """The bureau: ``desks["hr_reviewer"]`` is this member of staff, signed in at a desk of their own and on the first
    page. ``last``: who was asked for last."""

    def __init__(self, sit_down):
        self._sit_down, self._members, self.last = sit_down, {}, None

    def __getitem__(self, username):
        if username in self._members:
            self._members[username].open("/admin/")
        else:
            self._members[username] = self._signed_in(username)
        self.last = self._members[username]
        return self.last

    def _signed_in(self, username):
        member = self._sit_down()
        member.open("/admin/")
        member.type("[name=login]", username)
        member.type("[name=password]", PASSWORD)
        member.press("main button:has-text('登录')")
        return member


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


def apply(owner):
    """From the result card to the page on which everything is checked."""
    owner.press("[data-item=M05c] a:has-text('去申请')")
    owner.press("main button:has-text('开始')")
    for number, material in enumerate(MATERIALS, 1):
        owner.upload(f"[data-material='{material}']", number)
    owner.press("main a:has-text('下一步')")


def hand_in(owner):
    owner.choose(".choice:has-text('所填内容和材料真实') input")
    owner.press("main button:has-text('提交申请')")


def open_correction(owner):
    """From the message to the one page with everything that is wrong."""
    owner.open("/inbox/")
    owner.press("[data-letter] a:has-text('还要补 2 项')")
    owner.press("main button:has-text('去补')")
    owner.press("main a:has-text('去补材料')")


def mend(owner):
    owner.type("#monthly_rent", str(RENT_AFTERWARDS))
    owner.press("[data-defect=monthly_rent] button:has-text('保存这一项')")
    owner.upload("[data-defect='租赁合同']", 9)
    owner.press("main button:has-text('全部补好，重新提交')")


def rate(owner):
    """From the message about the money."""
    owner.open("/inbox/")
    owner.press("[data-letter] a:has-text('到账了')")
    owner.press("main button:has-text('打分')")
    owner.press("main button:text-is('非常满意')")
    owner.choose(".choice:has-text('办得快') input")
    owner.press("main button:has-text('提交评价')")


# The bureau


def take_next(member):
    member.press("#content a:text-is('办件')")
    member.press("button:has-text('取下一件')")


def ask_for_corrections(reviewer):
    """Two at once: a field and a file."""
    take_next(reviewer)
    reviewer.press("button:text-is('补正')")
    for label, reason in (("实际月租金", WRONG_RENT), ("材料：租赁合同", WRONG_CONTRACT)):
        defect = f".review-defect:has(legend:has-text('{label}'))"
        reviewer.choose(f"{defect} input[type=checkbox]")
        reviewer.type(f"{defect} input[name^=reason]", reason)
    reviewer.press("button:has-text('看看店主会看到什么')")
    reviewer.press("button:has-text('确认，通知店主')")


def recommend(reviewer):
    """What the machine leaves to people is judged, then the file goes on."""
    take_next(reviewer)
    for row in reviewer.page.locator("[data-result=staff]").all():
        reviewer.choose(f"#{row.get_attribute('id')} input[value=pass]")
    reviewer.press("button:has-text('通过')")


def approve(approver):
    take_next(approver)
    approver.press("button:has-text('通过')")


def prepare_batch(finance):
    finance.press("#content a:text-is('拨付批次')")
    finance.press("button:has-text('编制批次')")


def open_batch(finance):
    finance.press("#content a:text-is('拨付批次')")
    finance.press("#result_list a:has-text('PF-')")


def approve_batch(finance):
    """What is flagged is ticked one by one."""
    open_batch(finance)
    for box in finance.page.locator("[name=ticked]").all():
        finance.choose(f"[name=ticked][value='{box.get_attribute('value')}']")
    finance.press("button:has-text('批准这一批')")


def take_out(finance):
    """The batch as the bank gets it, in bytes."""
    open_batch(finance)
    with finance.page.expect_download() as coming:
        finance.choose("form[action$='/file/'] button")
    return coming.value.path().read_bytes()


def rows_of(batch):
    return list(csv.DictReader(io.StringIO(batch.decode("utf-8-sig"))))


def answer_of_the_bank(batch):
    """Everything in ``batch`` was paid; both are CSV files in bytes."""
    answer = io.StringIO()
    writer = csv.writer(answer)
    writer.writerow(["流水号", "金额", "结果", "银行流水号", "原因"])
    writer.writerows(
        [row["流水号"], row["金额"], "成功", f"B{place}", ""] for place, row in enumerate(rows_of(batch), 1)
    )
    return answer.getvalue().encode("gb18030")


def take_in_answer(finance, answer):
    open_batch(finance)
    finance.page.set_input_files("#id_file", {"name": "结果.csv", "mimeType": "text/csv", "buffer": answer})
    finance.press("button:has-text('导入结果')")
