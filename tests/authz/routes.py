"""Every address that the resolver knows, as its pattern."""

from django.urls import get_resolver


def routes():
    return list(_below(get_resolver().url_patterns, ""))


def _below(patterns, prefix):
    for pattern in patterns:
        route = prefix + str(pattern.pattern)
        if hasattr(pattern, "url_patterns"):
            yield from _below(pattern.url_patterns, route)
        else:
            yield route
