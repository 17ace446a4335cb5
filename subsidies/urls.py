"""Every page of the room: applying, cases, money, letters, public notices."""

from .pages import applying, instalments, notices, own_verbs, papers

urlpatterns = [
    *applying.urlpatterns,
    *own_verbs.urlpatterns,
    *instalments.urlpatterns,
    *papers.urlpatterns,
    *notices.urlpatterns,
]
