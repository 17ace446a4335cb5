"""Pages of messages and of what is sent."""

from django.urls import path

from .inbox import pages
from .outside import preference_pages

urlpatterns = [
    path("inbox/", pages.listing, name="inbox"),
    path("inbox/<number:pk>/", pages.message, name="inbox-message"),
    path("inbox/<number:pk>/act/", pages.act, name="inbox-act"),
    path("inbox/<number:pk>/dismiss/", pages.dismiss, name="inbox-dismiss"),
    path("inbox/<number:pk>/mute/", pages.mute, name="inbox-mute"),
    path("inbox/<number:pk>/calendar.ics", pages.calendar, name="inbox-calendar"),
    path("inbox/letters/<number:pk>/", pages.letter, name="inbox-letter"),
    path("inbox/letters/<number:pk>/act/", pages.act_on_letter, name="inbox-letter-act"),
    path("inbox/preferences/", preference_pages.preferences, name="inbox-preferences"),
    path("inbox/preferences/email/", preference_pages.email, name="inbox-email"),
    path("inbox/preferences/consent/", preference_pages.consent, name="inbox-consent"),
    path("inbox/preferences/stop/", preference_pages.stop_all, name="inbox-stop"),
    path("inbox/preferences/restore/<number:pk>/", pages.undo, name="inbox-undo"),
    path("stop/<str:token>/", preference_pages.stop_page, name="stop"),
]
