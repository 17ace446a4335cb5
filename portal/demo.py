"""People, shops and programs to try the portal with. All of them are made up, and exist only where DEBUG is on."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from django.contrib.auth.models import Group
from django.utils import timezone

from accounts.actions import agree
from accounts.models import ApiClient, Department, User
from businesses.actions import set_payment_account
from businesses.identifiers import identity_check_digit
from businesses.models import Binding, Business
from businesses.register import Arrival, take_in
from core.money import in_fen
from policies.models import Benefit
from subsidies.money import budgets

PASSWORD = "demo-2026"  # noqa: S105 - printed by make run
CLIENT_ID, CLIENT_SECRET = "demo", "demo-secret"


@dataclass(frozen=True)
class Staff:
    username: str
    department: str
    roles: tuple
    does: str


STAFF = (
    Staff("admin", "", (), "超级管理员，什么都能看"),
    Staff("hr_policy", "hrss", ("政策专员",), "人社局政策专员：起草规则、添加事实、改文件状态"),
    Staff("hr_policy_2", "hrss", ("政策专员",), "人社局第二位政策专员"),
    Staff("hr_reviewer", "hrss", ("审核员",), "人社局审核员：看商户、答复信息更正、导入就业和社保数据"),
    Staff("hr_approver", "hrss", ("审批员",), "人社局审批员"),
    Staff("hr_approver_2", "hrss", ("审批员",), "人社局第二位审批员"),
    Staff("hr_finance", "hrss", ("财务",), "人社局财务"),
    Staff("hr_finance_2", "hrss", ("财务",), "人社局第二位财务"),
    Staff(
        "market_reviewer",
        "market",
        ("审核员", "市场监管员"),
        "市场监管局：导入登记数据、分型、名特优新、信用、双随机",
    ),
    Staff("market_approver", "market", ("审批员", "市场监管员"), "市场监管局审批员"),
    Staff("bank_officer", "demo-bank-a", ("银行专员",), "演示银行甲的专员：接单"),
    Staff("bank_officer_2", "demo-bank-b", ("银行专员",), "演示银行乙的专员：接单"),
    Staff("hr_admin", "hrss", ("管理员",), "人社局管理员：本局的人员和职责"),
    Staff("city_admin", "", ("市级管理员",), "市级管理员：各部门的人员，审批员和财务由他定"),
    Staff("auditor", "", ("审计员",), "审计员：什么都能看，只看不改"),
)


# Institutions that give services: {code: (name, kind)}.
INSTITUTIONS = {
    "demo-bank-a": ("演示银行甲", Department.Kind.BANK),
    "demo-bank-b": ("演示银行乙", Department.Kind.BANK),
}


def months_before(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(year, month + 1, min(day.day, 28))


@dataclass(frozen=True)
class Shop:
    """A made-up shop. ``account``: where its owner is paid, empty for not registered yet. ``says``: what each source
    says, beside what every demo shop has."""

    phone: str
    credit_code: str
    name: str
    operator: str
    identity: str
    months: int
    account: str = ""
    says: dict = field(default_factory=dict)

    @property
    def number(self):
        return self.identity + identity_check_digit(self.identity)


EVERY_SHOP = {
    "registry": {
        "entity_type": "individual_business",
        "operating_status": "operating",
        "annual_report_filed": True,
        "abnormal_listed": False,
        "seriously_dishonest": False,
    },
    "tax": {
        "taxpayer_type": "small_scale",
        "annual_taxable_income": "86000.00",
        "other_income_tax_relief": "0.00",
        "annual_vat": "0.00",
        "annual_urban_maintenance_tax": "0.00",
        "annual_education_surcharge": "0.00",
        "annual_local_education_surcharge": "0.00",
        "annual_stamp_duty": "120.00",
        "deduction_months_used": 0,
        "tax_paid_last_year": "640.00",
    },
    "social_security": {
        "employees": 1,
        "unit_insured": False,
        "insurance_arrears": False,
        "insured_headcount": 0,
    },
    "employment": {
        "first_time_business": True,
        "startup_subsidy_received": False,
        "agri_startup_subsidy_received": False,
        "rent_subsidy_months_received": 0,
        "guaranteed_loans_received": 0,
    },
}
# What the employment service knows that the first owner is not.
KNOWN_NOT_TO_BE = [
    *(
        "graduate",
        "graduation_year_graduate",
        "hard_to_employ",
        "registered_unemployed",
        "unemployed_half_year",
    ),
    *(
        "zero_employment_family",
        "subsistence_family",
        "poverty_alleviated",
        "disabled",
        "overcapacity_worker",
    ),
    *(
        "migrant_worker",
        "returning_migrant_worker",
        "released_prisoner",
        "rural_entrepreneur",
        "online_merchant",
    ),
]
SHOPS = (
    Shop(
        "13800000001",
        "92520201MA6E00019C",
        "演示茶叶店",
        "演示店主甲",
        "52020119930612003",
        10,
        "",
        {
            "registry": {"district": "520201", "industry": "F5226", "born_on": "1993-06-12", "sex": "male"},
            "veterans": {"operator_groups": {"yes": ["self_employed_veteran"], "no": []}},
            "employment": {"operator_groups": {"yes": [], "no": KNOWN_NOT_TO_BE}},
            "self": {"rents_premises": True, "monthly_rent": "800.00", "rent_reduction_received": False},
        },
    ),
    Shop(
        "13800000002",
        "92520281MA6E000198",
        "演示面馆",
        "演示店主乙",
        "52028119800305004",
        30,
        "6222020200000380",
        {
            "registry": {"district": "520281", "industry": "H6210", "born_on": "1980-03-05", "sex": "female"},
            "employment": {"operator_groups": {"yes": ["hard_to_employ"], "no": []}},
            "self": {"rents_premises": True, "monthly_rent": "380.00", "rent_reduction_received": False},
        },
    ),
    Shop(
        "",  # nobody has bound it yet: for trying how that is done
        "92520203MA6E000199",
        "演示杂货铺",
        "演示店主丙",
        "52020319880921001",
        20,
        "",
        {"registry": {"district": "520203", "industry": "F5212", "born_on": "1988-09-21", "sex": "male"}},
    ),
)
WORKER = "13800000003"


def create_institutions() -> None:
    for code, (name, kind) in INSTITUTIONS.items():
        Department.objects.get_or_create(code=code, defaults={"name": name, "kind": kind})


def create_people(people: Iterable[Staff] = STAFF) -> None:
    """Staff, each with the password that is printed. Their departments are there."""
    groups = {group.name: group for group in Group.objects.all()}
    for person in people:
        user, created = User.objects.get_or_create(
            username=person.username,
            defaults={
                "is_staff": True,
                "is_superuser": person.username == "admin",
                "department": Department.objects.filter(code=person.department).first(),
            },
        )
        if created:
            user.set_password(PASSWORD)
            user.save()
            user.groups.set([groups[role] for role in person.roles])


def create_owners() -> None:
    today = timezone.localdate()
    for shop in SHOPS:
        if not Business.objects.filter(credit_code=shop.credit_code).exists():
            take_in([_arrival(shop, today)], on=today)
        if shop.phone:
            owner = _person(shop.phone)
            business = Business.objects.get(credit_code=shop.credit_code)
            if not Binding.objects.filter(business=business).exists():
                Binding.objects.create(business=business, user=owner)
                agree(owner, "sensitive")
                if shop.account:
                    set_payment_account(
                        business, holder=shop.operator, bank="演示银行", number=shop.account, by=owner
                    )
    _person(WORKER)


def _arrival(shop, today):
    says = {source: dict(facts) for source, facts in EVERY_SHOP.items()}
    for source, facts in shop.says.items():
        says.setdefault(source, {}).update(facts)
    says["registry"]["registered_on"] = months_before(today, shop.months).isoformat()
    return Arrival(
        says,
        credit_code=shop.credit_code,
        identity=shop.number,
        name=shop.name,
        operator_name=shop.operator,
        address="演示路 1 号",
    )


def _person(phone):
    user = User.objects.begin_with_phone(phone)
    if user.phone_verified_at is None:
        user.phone_verified_at = timezone.now()
        user.save(update_fields=["phone_verified_at"])
        agree(user, "service")
    return user


# What each benefit may cost this year, in yuan.
ENVELOPES = {"M01b": 200_000, "M05a": 500_000, "M05b": 300_000, "M05c": 800_000}


def create_envelopes() -> None:
    year, finance = timezone.localdate().year, User.objects.get(username="hr_finance")
    for code, yuan in ENVELOPES.items():
        benefit = Benefit.objects.get(code=code)
        if budgets.envelope_of(benefit, year, "") is None:
            budgets.set_cap(benefit, year, "", in_fen(yuan), by=finance)


def create_client() -> None:
    ApiClient.objects.get_or_create(
        client_id=CLIENT_ID,
        defaults={
            "name": "演示接口客户端",
            "client_secret": CLIENT_SECRET,  # hashed when saved
            "client_type": ApiClient.CLIENT_CONFIDENTIAL,
            "authorization_grant_type": ApiClient.GRANT_CLIENT_CREDENTIALS,
            "department": Department.objects.filter(code="hrss").first(),
            "source": "employment",
            "scopes": "businesses:read businesses:write evaluations applications:read applications:write "
            "requests:read requests:write posts:read posts:write",
        },
    )
