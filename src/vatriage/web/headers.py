"""Headers of every answer: nothing from elsewhere may run, frame or read our pages."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


class HeadersMiddleware:
    """Adds them."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Return the answer with its headers."""
        answer = self._get_response(request)
        answer.setdefault("Content-Security-Policy", POLICY)
        answer.setdefault("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
        answer.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        answer.setdefault("X-Frame-Options", "DENY")
        if not request.path.startswith("/static/"):
            answer.setdefault("Cache-Control", "no-store")
        return answer
