"""What somebody of a bureau, or a program, tried and was not allowed to, is written down with who and where."""

from .access import record

PLACE = 80  # characters of an address, which names rows and nobody


def write_down(user, request, client=None) -> None:
    """``user``: whoever of the bureau asked, or None; ``client``: the ApiClient that did."""
    named = {"client": client.client_id} if client else {}
    record(user, "refused", request.path_info[:PLACE], method=request.method, **named)


class RefusalsAreWrittenDown:
    """Every 403 to somebody of a bureau or to a program leaves an access event. Owners' are no privileged attempts, and
    who is only asked for a proof of now is refused nothing."""

    def __init__(self, get_response) -> None:
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        if response.status_code == 403 and not getattr(response, "asks_again", False):
            client = getattr(request, "api_client", None)
            if client is not None or request.user.is_staff:
                write_down(None if client else request.user, request, client)
        return response
