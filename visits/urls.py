"""Pages of the room."""

from .pages import arriving, visits

urlpatterns = [*visits.urlpatterns, *arriving.urlpatterns]
