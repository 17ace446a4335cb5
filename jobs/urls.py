"""Pages of the room."""

from django.urls import path

from .pages import contracts, market, posts, work

urlpatterns = [
    path("jobs/", market.market, name="jobs"),
    path("jobs/season/", market.season, name="season"),
    path("jobs/posts/", posts.own_posts, name="own-posts"),
    path("jobs/posts/new/", posts.new_post, name="new-post"),
    path("jobs/posts/<uuid:public_id>/", posts.one_post, name="post"),
    path("jobs/posts/<uuid:public_id>/change/", posts.change_post, name="change-post"),
    path("jobs/posts/<uuid:public_id>/ask/", posts.ask, name="ask-post"),
    path("jobs/posts/<uuid:public_id>/ask/<number:pk>/", posts.ask_worker, name="ask-worker"),
    path("jobs/posts/<uuid:public_id>/report/", posts.report, name="report-post"),
    path("jobs/posts/<uuid:public_id>/<slug:verb>/", posts.act, name="post-act"),
    path("jobs/work/", work.work, name="work"),
    path("jobs/work/card/", work.card, name="work-card"),
    path("jobs/work/looking/", work.looking, name="work-looking"),
    path("jobs/contacts/<uuid:public_id>/phone/", work.phone, name="contact-phone"),
    *contracts.urlpatterns,
]
