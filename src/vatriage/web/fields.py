"""What many lists take from a person: instants, and the key after which the next page begins."""

from typing import Any

from django import forms
from django.http import HttpRequest

from vatriage.model.instant import DAY_US, parse_instant

_GREATEST = 2**63 - 1


class InstantField(forms.CharField):
    """A day or an instant, UTC, as seconds; nothing = 0."""

    def __init__(self, label: str, *, ends: bool = False) -> None:
        super().__init__(label=label, required=False, max_length=40)
        self.widget.attrs |= {
            "placeholder": "2026-05-03",
            "size": "17",
            "title": "2026-05-03 or 2026-05-03T10:00Z, UTC",
        }
        self._ends = ends

    def clean(self, value: Any) -> Any:
        """Return seconds; where a stretch ends, a day is meant to its end."""
        text = super().clean(value).strip()
        if not text:
            return 0
        try:
            instant = parse_instant(text)
        except ValueError:
            raise forms.ValidationError("Write it like 2026-05-03 or 2026-05-03T10:00Z (UTC).") from None
        return (instant + (DAY_US if self._ends and len(text) <= 10 else 0)) // 1_000_000


def key_of(request: HttpRequest) -> int:
    """Return the key of `?after=`, 0 for the first page and for what is none."""
    text = request.GET.get("after", "")
    return min(int(text), _GREATEST) if text.isascii() and text.isdigit() and len(text) < 20 else 0
