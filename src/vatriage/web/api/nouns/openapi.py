"""The OpenAPI document: what there is to ask."""

from typing import Any

from django.http import JsonResponse

from vatriage.model.viewer import Right
from vatriage.web.api.endpoint import ApiRequest, endpoint


@endpoint("GET", "/openapi.json", right=Right.READ, answer={"type": "object"})
def get_openapi(request: ApiRequest) -> Any:  # noqa: ARG001 - every endpoint takes the request
    """Describe every endpoint (OpenAPI 3.1)."""
    from vatriage.web.api.site import SITE  # noqa: PLC0415 - the site is made of the endpoints

    return JsonResponse(SITE.get_openapi_schema())
