"""Every page of the room: applying, cases, money, letters, public notices."""

from .pages import applying, checking, instalments, notices, own_verbs, papers, starting, uploading

urlpatterns = [
    *applying.urlpatterns,
    *uploading.urlpatterns,
    *checking.urlpatterns,
    *starting.urlpatterns,
    *own_verbs.urlpatterns,
    *instalments.urlpatterns,
    *papers.urlpatterns,
    *notices.urlpatterns,
]
