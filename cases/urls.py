"""Pages of every case: the list, one case, corrections, evidence, ratings."""

from .evidence import family
from .evidence import pages as evidence
from .pages import case, correcting, rating

urlpatterns = [
    *case.urlpatterns,
    *correcting.urlpatterns,
    *evidence.urlpatterns,
    *family.urlpatterns,
    *rating.urlpatterns,
]
