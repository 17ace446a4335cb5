"""Who asks over the API: a person with a session, or a program with a bearer token (RFC 6750), and what it may do.

``principal_of(request)`` is the one answer to "who": a User or an ApiClient. An operation declares the scope that a
program needs; a person needs none, and reaches only what ``visible_to`` shows.
"""

import hashlib

from django.contrib.auth.models import AnonymousUser
from oauth2_provider.models import get_access_token_model
from oauth2_provider.scopes import BaseScopes
from rest_framework import exceptions
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.permissions import BasePermission

from core.api.operation import operation_of

from ..models import ApiClient


class BearerToken(BaseAuthentication):
    """A program's token. ``request.auth`` is the token; ``request.user`` stays anonymous: no person acts."""

    def authenticate(self, request):
        scheme, _, token = get_authorization_header(request).partition(b" ")
        if scheme.lower() != b"bearer":
            return None
        row = _stored(token.strip())
        if row is None or row.application is None or not row.application.is_usable(request):
            raise exceptions.AuthenticationFailed("令牌不对，或者已经撤销。请重新领取令牌。")
        if row.is_expired():
            raise exceptions.AuthenticationFailed("令牌已经过期。请重新领取令牌。")
        request._request.api_client = row.application  # for who looks at the answer (accounts/refusals.py)
        return AnonymousUser(), row

    def authenticate_header(self, request) -> str:
        """What a 401 offers; says ``invalid_token`` where one was shown."""
        shown = get_authorization_header(request).partition(b" ")[0].lower() == b"bearer"
        return 'Bearer realm="api", error="invalid_token"' if shown else 'Bearer realm="api"'


def _stored(token):
    """The row of a token as sent, or None. Only the digest is kept, so it is looked for by that."""
    rows = get_access_token_model().objects.select_related("application__department")
    return rows.filter(token_checksum=hashlib.sha256(token).hexdigest()).first()


def principal_of(request):
    """The ApiClient whose token was shown, else the User of the session, else AnonymousUser."""
    return request.user if request.auth is None else request.auth.application


def acting(principal) -> dict:
    """Whose hand it is, as the verbs take it: ``by`` a person or ``client``, a program."""
    return {"client": principal} if isinstance(principal, ApiClient) else {"by": principal}


class MayAsk(BasePermission):
    """Somebody is signed in; a program's token has the scope that is declared for the method (core.api.operation)."""

    def has_permission(self, request, view):
        if request.auth is None:
            return request.user.is_authenticated
        declared = operation_of(view, request.method)
        needed = declared and declared.scope
        if (
            needed is None
        ):  # a method for which no scope is named is closed to programs; one not there is a 405
            return request.method == "OPTIONS" or not hasattr(view, request.method.lower())
        if needed in scopes_of(request.auth):
            return True
        refusal = exceptions.PermissionDenied(
            f"这个令牌没有 {needed} 范围。请带上它重新领取令牌，或找管理员开通。"
        )
        refusal.auth_header = f'Bearer realm="api", error="insufficient_scope", scope="{needed}"'
        raise refusal


def scopes_of(token) -> frozenset:
    """What a token may do: what it was given, as far as its program may still have it."""
    return token.application.allowed_scopes.intersection(token.scope.split())


class ClientScopes(BaseScopes):
    """Which scopes the toolkit gives: the program's own, all of them where it asks for none."""

    def get_all_scopes(self) -> dict:
        return dict(ApiClient.SCOPES)

    def get_available_scopes(self, application=None, request=None, *args, **kwargs) -> list:
        return sorted(application.allowed_scopes & self.get_all_scopes().keys())

    def get_default_scopes(self, application=None, request=None, *args, **kwargs):
        return self.get_available_scopes(application)
