"""The address a request came from, put right before anybody reads it: throttling, sessions and the audit log all do."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from vatriage.model.client_address import client_address, is_trusted
from vatriage.web import house

_FORWARDED = ("HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_PROTO", "HTTP_X_FORWARDED_HOST", "HTTP_FORWARDED")


class ClientAddressMiddleware:
    """Puts the client's address in the place of the proxy's; where proxies are named, others forward nothing."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Let the request through."""
        proxies = house.config().proxies
        if proxies:
            peer = str(request.META.get("REMOTE_ADDR") or "")
            if is_trusted(peer, proxies):
                forwarded = str(request.META.get("HTTP_X_FORWARDED_FOR") or "")
                request.META["REMOTE_ADDR"] = client_address(peer, forwarded, proxies)
            else:
                for name in _FORWARDED:
                    request.META.pop(name, None)
        return self._get_response(request)
