"""The log of the web face on standard error: requests as JSON lines if asked for, and what broke."""

import json
import logging
from datetime import UTC, datetime
from pathlib import Path
from typing import Any


class AccessLine(logging.Formatter):
    """Writes one request as a JSON object on a line.

    The query is left out: filters name hosts and people. Whatever a path holds (a line break, a quote) stays inside its string.
    """

    def format(self, record: logging.LogRecord) -> str:
        """Return the line; `record.args` are granian's facts of a request."""
        facts: dict[str, Any] = record.args if isinstance(record.args, dict) else {}
        return json.dumps(
            {
                "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
                "client": facts.get("addr"),
                "method": facts.get("method"),
                "path": facts.get("path"),
                "status": facts.get("status"),
                "duration_ms": round(float(facts.get("dt_ms", 0)), 1),
            }
        )


def log_settings(home: Path) -> dict[str, Any]:
    """Return what `logging.config` is told: to standard error one line for everything, tracebacks to a file of the home.

    Nothing of a password, little of the rest.
    """
    return {
        "formatters": {
            "access": {"()": "vatriage.cli.access_log.AccessLine"},
            "plain": {"()": "vatriage.cli.error_file.OneLine"},
        },
        "handlers": {
            "access": {"class": "logging.StreamHandler", "formatter": "access", "stream": "ext://sys.stderr"},
            "plain": {"class": "logging.StreamHandler", "formatter": "plain", "stream": "ext://sys.stderr"},
            "errors": {"()": "vatriage.cli.error_file.ErrorFile", "home": str(home)},
        },
        "root": {"handlers": ["plain", "errors"], "level": "WARNING"},
        "loggers": {
            "_granian": {"handlers": ["plain"], "propagate": False},
            "granian.access": {"handlers": ["access"], "level": "INFO", "propagate": False},
            "django.request": {"level": "CRITICAL"},  # what was refused is no news; what broke is logged by web/bugs
            "django.security.DisallowedHost": {"level": "CRITICAL"},  # anybody can send those
        },
    }
