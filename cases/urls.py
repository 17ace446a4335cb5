"""Pages of every case: evidence and ratings."""

from . import rating_pages
from .evidence import pages

urlpatterns = [*pages.urlpatterns, *rating_pages.urlpatterns]
