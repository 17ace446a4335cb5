from django.db import migrations

from core.columns import ColumnsFirst

# By how many of the benefits with money read them: what every statement over the register walks to.
FIRST = [
    "id",
    "operator",
    "version",
    "operating_status",
    "operator_groups_yes",
    "operator_groups_known",
    "entity_type",
    "registered_on",
    "unit_insured",
    "first_time_business",
    "abnormal_listed",
    "startup_subsidy_received",
    "left_school_on",
    "good_credit",
    "guaranteed_loans_received",
    "born_on",
    "sex",
    "retires_on",
    "rents_premises",
    "premises_compliant",
    "rent_reduction_received",
    "rent_subsidy_months_received",
    "agri_industry",
    "agri_activity",
    "leads_agri_enterprise",
    "agri_startup_subsidy_received",
    "deduction_months_used",
    "unemployment_insurance_months",
    "insurance_arrears",
    "seriously_dishonest",
    "insured_headcount_last_year",
    "layoff_claimants_last_year",
    "monthly_rent",
    "loan_amount_wanted",
    "unemployment_insurance_paid_last_year",
]


class Migration(migrations.Migration):
    dependencies = [("businesses", "0003_address_index")]

    operations = [ColumnsFirst("Business", FIRST)]
