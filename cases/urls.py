"""Pages of every case: evidence and ratings."""

from .evidence import pages
from .pages import rating

urlpatterns = [*pages.urlpatterns, *rating.urlpatterns]
