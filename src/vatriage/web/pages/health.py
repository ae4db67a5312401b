"""Whether the service works, for load balancers and monitors; shows nothing else."""

from typing import Any

from django.db import Error, connection
from django.http import HttpResponse

from vatriage.web.page import PageRequest, page


@page("healthz", name="health", right=None)
def health(request: PageRequest, **_values: Any) -> HttpResponse:  # noqa: ARG001 - every page takes its request
    """Answer 200 `ok` if the database answers, 503 otherwise."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
            cursor.fetchone()
    except Error:
        return HttpResponse("the database cannot be used\n", status=503, content_type="text/plain")
    return HttpResponse("ok\n", content_type="text/plain")
