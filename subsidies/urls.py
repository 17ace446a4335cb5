"""Every page of the room: applying, cases, money, letters, evidence, public notices, ratings."""

from . import apply_pages, case_pages, evidence_pages, letter_pages, money_pages, notice_pages, rating_pages

urlpatterns = [
    *apply_pages.urlpatterns,
    *case_pages.urlpatterns,
    *money_pages.urlpatterns,
    *letter_pages.urlpatterns,
    *evidence_pages.urlpatterns,
    *notice_pages.urlpatterns,
    *rating_pages.urlpatterns,
]
