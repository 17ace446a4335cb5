"""Pages of the room. /services/board/ comes before the codes of offerings."""

from .pages import answers, ask, asking, board

urlpatterns = [*asking.urlpatterns, *answers.urlpatterns, *board.urlpatterns, *ask.urlpatterns]
