"""Pages of the room. /services/board/ comes before the codes of offerings."""

from .pages import answers, asking, board

urlpatterns = [*asking.urlpatterns, *answers.urlpatterns, *board.urlpatterns]
