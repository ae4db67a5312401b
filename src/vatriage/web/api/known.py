"""Our own errors as problems."""

from typing import Any

from vatriage.errors import NotAllowedError, UsageError, VatriageError
from vatriage.usecases.changes import ActivationRefusedError
from vatriage.usecases.parameter_checks import FieldError
from vatriage.web.api import problem
from vatriage.web.errors import status_of


def problem_of(error: VatriageError) -> dict[str, Any]:
    """Return an error's problem; what cannot be meant is 422, because a page's 400 is a request that cannot be read."""
    if isinstance(error, ActivationRefusedError):
        refused = [{"field": ".".join(subject), "message": str(one)} for subject, one in error.refused]
        return problem.content(409, error.message, error.hint, errors=refused, exit_code=error.exit_code)
    status = 403 if isinstance(error, NotAllowedError) else status_of(error)
    status = 422 if status == 400 and isinstance(error, UsageError) else status
    wrong = [{"field": f"body.{error.field}", "message": error.message}] if isinstance(error, FieldError) else []
    return problem.content(status, error.message, error.hint, errors=wrong, exit_code=error.exit_code)
