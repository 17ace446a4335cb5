"""Every page of the room: applying, cases, money, letters, public notices."""

from .pages import applying, checking, family, instalments, notices, own_verbs, papers, starting, uploading

urlpatterns = [
    *applying.urlpatterns,
    *uploading.urlpatterns,
    *checking.urlpatterns,
    *family.urlpatterns,
    *starting.urlpatterns,
    *own_verbs.urlpatterns,
    *instalments.urlpatterns,
    *papers.urlpatterns,
    *notices.urlpatterns,
]
