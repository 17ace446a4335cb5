"""Pages of messages and of what is sent."""

from django.urls import path

from . import inbox_pages, preference_pages

urlpatterns = [
    path("inbox/", inbox_pages.listing, name="inbox"),
    path("inbox/<int:pk>/", inbox_pages.message, name="inbox-message"),
    path("inbox/<int:pk>/act/", inbox_pages.act, name="inbox-act"),
    path("inbox/<int:pk>/dismiss/", inbox_pages.dismiss, name="inbox-dismiss"),
    path("inbox/<int:pk>/mute/", inbox_pages.mute, name="inbox-mute"),
    path("inbox/<int:pk>/calendar.ics", inbox_pages.calendar, name="inbox-calendar"),
    path("inbox/letters/<int:pk>/", inbox_pages.letter, name="inbox-letter"),
    path("inbox/letters/<int:pk>/act/", inbox_pages.act_on_letter, name="inbox-letter-act"),
    path("inbox/preferences/", preference_pages.preferences, name="inbox-preferences"),
    path("inbox/preferences/email/", preference_pages.email, name="inbox-email"),
    path("inbox/preferences/consent/", preference_pages.consent, name="inbox-consent"),
    path("inbox/preferences/stop/", preference_pages.stop_all, name="inbox-stop"),
    path("inbox/preferences/restore/<int:pk>/", inbox_pages.undo, name="inbox-undo"),
    path("stop/<str:token>/", preference_pages.stop_page, name="stop"),
]
