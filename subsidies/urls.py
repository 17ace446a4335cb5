"""Every page of the room: applying, cases, money, letters, public notices."""

from . import apply_pages, case_pages, money_pages, notice_pages, paper_pages

urlpatterns = [
    *apply_pages.urlpatterns,
    *case_pages.urlpatterns,
    *money_pages.urlpatterns,
    *paper_pages.urlpatterns,
    *notice_pages.urlpatterns,
]
