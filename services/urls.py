"""Pages of the room. What stands under /services/ by name comes before the codes of offerings."""

from django.urls import path
from django.views.generic import RedirectView

from .pages import asked, asking, finance, links, listing, offering, papers, selfchecks, tender

urlpatterns = [
    *links.urlpatterns,
    *selfchecks.urlpatterns,
    *listing.urlpatterns,
    *offering.urlpatterns,
    *asking.urlpatterns,
    *finance.urlpatterns,
    *tender.urlpatterns,
    *asked.urlpatterns,
    *papers.urlpatterns,
    path("requests/", RedirectView.as_view(pattern_name="cases"), name="requests"),
    path("requests/<uuid:public_id>/", RedirectView.as_view(pattern_name="case"), name="request"),
]
