"""Whatever goes wrong below /api/ is a problem, also where neither an endpoint nor its gate was reached."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from vatriage.web.api import problem


class ProblemMiddleware:
    """Makes problems of other answers (405, 404 and the like) that programs cannot read."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Return the answer, as a problem where it is an error."""
        answer = self._get_response(request)
        if not request.path.startswith(problem.API) or answer.status_code < 400:
            return answer
        if answer.get("Content-Type", "").startswith(problem.MEDIA_TYPE):
            return answer
        kept = {name: answer[name] for name in ("Allow", "Retry-After") if name in answer}
        detail = {404: "There is nothing at this address.", 405: f"{request.method} is not known at this address."}
        hint = f"Known are: {kept['Allow']}." if "Allow" in kept else "See the OpenAPI document."
        text = detail.get(answer.status_code, "The request cannot be read or answered.")
        return problem.answer(problem.content(answer.status_code, text, hint), kept)
