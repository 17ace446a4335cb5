"""Kinds of work and counties over the API: the words that posts and cards are written in. The same for everybody."""

from rest_framework import generics
from rest_framework.response import Response

from core.api import SequencePagination, StrictQueryMixin, operation
from services.api.offerings import Public

from ..trades import counties, trades
from .answers import CountyOut, TradeOut

TAG = "jobs"


class Words(Public, StrictQueryMixin, generics.ListAPIView):
    """A list that stands in a file, in pages."""

    pagination_class = SequencePagination
    query_parameters = ("cursor", "page_size")
    filter_backends = ()

    def listed(self, request, rows, shown) -> Response:
        page, links = SequencePagination().page(request, list(rows))
        return Response({"results": [shown(rows[key]) for key in page], **links})


class Trades(Words):
    @operation(TAG, "工种清单", answers={200: TradeOut})
    def get(self, request):
        return self.listed(request, trades(), TradeOut.of)


class Counties(Words):
    @operation(TAG, "县区清单：本市的和周边的", answers={200: CountyOut})
    def get(self, request):
        return self.listed(request, counties(), CountyOut.of)
