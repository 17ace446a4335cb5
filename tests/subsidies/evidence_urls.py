"""The site's addresses with those of the wallet."""

from portal.urls import handler500, urlpatterns
from subsidies import evidence_pages

__all__ = ["handler500", "urlpatterns"]

urlpatterns = [*evidence_pages.urlpatterns, *urlpatterns]
