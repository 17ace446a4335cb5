"""Addresses under /api/. What matches none of them is a 404 problem, never a redirect."""

from csp.constants import SELF, UNSAFE_INLINE
from csp.decorators import csp_update
from django.urls import path, re_path
from drf_spectacular.views import SpectacularJSONAPIView, SpectacularSwaggerSplitView

from accounts.api import own_data
from accounts.api import views as accounts
from businesses.api import views as businesses
from core.api.document import DocumentRenderer, JSONDocumentRenderer
from core.etags import with_etag
from core.http_cache import cached_catalogue
from core.middleware import unknown_path
from eligibility.api import views as eligibility
from eligibility.api.matches import Matches
from jobs.api import contacts, posts, vocabularies, workers
from notifications import api as notifications
from policies import api as policies
from policies.catalogue import current_edition
from services.api import legs, offerings, requests, sharings
from subsidies.api import views as subsidies
from visits.api import views as visits

kept = cached_catalogue(current_edition)
kept_offerings = cached_catalogue(offerings.edition)

document = SpectacularJSONAPIView.as_view(renderer_classes=[DocumentRenderer, JSONDocumentRenderer])
# Swagger UI writes style attributes; this page alone may.
documentation = csp_update({"style-src": [SELF, UNSAFE_INLINE]})(
    SpectacularSwaggerSplitView.as_view(url_name="schema", http_method_names=["get", "head"])
)

# Each is tried before the next: after fifty, a fifth of what a kept answer costs. What everybody asks stands first.
urlpatterns = [
    path("v1/evaluations/", eligibility.Evaluations.as_view()),
    path("v1/evaluations/batch/", eligibility.EvaluationBatch.as_view()),
    path("v1/calculators/tax/", eligibility.TaxCalculator.as_view()),
    path("v1/measures/", kept(policies.MeasureList.as_view())),
    path("v1/measures/<str:code>/", kept(policies.MeasureDetail.as_view())),
    path("v1/benefits/", kept(policies.BenefitList.as_view())),
    path("v1/benefits/<str:code>/", kept(policies.BenefitDetail.as_view())),
    path("v1/benefits/<str:code>/versions/", kept(policies.BenefitVersionList.as_view())),
    path("v1/departments/", kept(policies.DepartmentList.as_view())),
    path("v1/facts/", kept(policies.FactList.as_view())),
    path("v1/auth/token/", accounts.Token.as_view()),
    path("v1/auth/revoke/", accounts.Revoke.as_view()),
    path("v1/me/data/", own_data.OwnData.as_view()),
    path("v1/me/consents/<str:kind>/", own_data.OwnConsent.as_view()),
    path("v1/businesses/", with_etag(businesses.Businesses.as_view())),
    path("v1/businesses/<str:id>/", with_etag(businesses.BusinessDetail.as_view())),
    path("v1/businesses/<str:id>/matches/", with_etag(Matches.as_view())),
    path("v1/notifications/", with_etag(notifications.Messages.as_view())),
    path("v1/notifications/<str:id>/read/", notifications.ReadMessage.as_view()),
    path("v1/applications/", with_etag(subsidies.Applications.as_view())),
    path("v1/applications/<str:id>/", with_etag(subsidies.ApplicationDetail.as_view())),
    path("v1/applications/<str:id>/submit/", subsidies.Submit.as_view()),
    path("v1/applications/<str:id>/withdraw/", subsidies.Withdraw.as_view()),
    path("v1/applications/<str:id>/correct/", subsidies.Correct.as_view()),
    path("v1/applications/<str:id>/appeal/", subsidies.Appeal.as_view()),
    path("v1/applications/<str:id>/files/", subsidies.Files.as_view()),
    path("v1/applications/<str:id>/files/<str:file>/", subsidies.File.as_view()),
    path("v1/applications/<str:id>/events/", with_etag(subsidies.Events.as_view())),
    path("v1/offerings/", kept_offerings(offerings.OfferingList.as_view())),
    path("v1/offerings/<str:code>/", kept_offerings(offerings.OfferingDetail.as_view())),
    path("v1/offerings/<str:code>/slots/", offerings.Slots.as_view()),
    path("v1/requests/", with_etag(requests.Requests.as_view())),
    path("v1/requests/<str:id>/", with_etag(requests.RequestDetail.as_view())),
    path("v1/requests/<str:id>/messages/", with_etag(requests.Messages.as_view())),
    path("v1/requests/<str:id>/<str:verb>/", requests.DoVerb.as_view()),
    path("v1/legs/", with_etag(legs.Legs.as_view())),
    path("v1/legs/<str:id>/", with_etag(legs.LegDetail.as_view())),
    path("v1/legs/<str:id>/<str:verb>/", legs.AnswerLeg.as_view()),
    path("v1/sharings/", with_etag(sharings.Sharings.as_view())),
    path("v1/sharings/<str:id>/revoke/", sharings.RevokeSharing.as_view()),
    path("v1/visits/", with_etag(visits.Visits.as_view())),
    path("v1/trades/", kept(vocabularies.Trades.as_view())),
    path("v1/counties/", kept(vocabularies.Counties.as_view())),
    path("v1/posts/", with_etag(posts.Posts.as_view())),
    path("v1/posts/<str:id>/", with_etag(posts.PostDetail.as_view())),
    path("v1/posts/<str:id>/matches/", with_etag(posts.PostMatches.as_view())),
    path("v1/posts/<str:id>/<str:verb>/", posts.DoPostVerb.as_view()),
    path("v1/workers/me/", with_etag(workers.WorkerMe.as_view())),
    path("v1/workers/me/stop/", workers.StopLooking.as_view()),
    path("v1/contacts/", with_etag(contacts.Contacts.as_view())),
    path("v1/contacts/<str:id>/", with_etag(contacts.ContactDetail.as_view())),
    path("v1/contacts/<str:id>/<str:verb>/", contacts.DoContactVerb.as_view()),
    path("schema/", document, name="schema"),
    path("docs/", documentation, name="api-docs"),
    re_path("", unknown_path),
]
