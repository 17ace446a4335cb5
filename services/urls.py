"""Pages of services: what is offered, what one asks, lists to check oneself against."""

from .pages import selfchecks

urlpatterns = [
    *selfchecks.urlpatterns,
]
