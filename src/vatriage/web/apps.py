"""The web face as a Django app."""

from django.apps import AppConfig


class WebConfig(AppConfig):
    """Label `web`: templates, static files and template tags; it has no tables."""

    name = "vatriage.web"
    label = "web"

    def ready(self) -> None:
        """Listen to logins and logouts."""
        from vatriage.web import logins  # noqa: PLC0415 - models are there only now

        logins.listen()
