"""Words and marks that many pages share; built in, so that no template loads it."""

from datetime import UTC, datetime
from typing import Any

from django import template
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django_htmx.jinja import htmx_script

from vatriage.clock import now_us
from vatriage.model.instant import parse_instant
from vatriage.model.shadow import percent as percent_of
from vatriage.model.verdict import Verdict
from vatriage.wiring.readers import system_clock

register = template.Library()

NOTHING = "\N{EN DASH}"
_NAMES = {"url": "URL", "ca file": "CA file"}
_PULL_BADGES = {
    "complete": "badge-good", "done": "badge-good", "running": "badge-info", "under way": "badge-info",
    "waiting": "badge-warn", "incomplete": "badge-warn", "failed": "badge-bad",
}  # fmt: skip
_STEPS = ((86_400 * 365, "year"), (86_400 * 30, "month"), (86_400, "day"), (3_600, "hour"), (60, "minute"))


@register.filter
def instant(seconds: float | None) -> SafeString | str:
    """Show an instant (seconds since 1970) as UTC, with its age as a hint; nothing for 0 or None."""
    if not seconds:
        return NOTHING
    at = datetime.fromtimestamp(seconds, UTC)
    return format_html(
        '<time datetime="{}" title="{}">{}</time>', at.isoformat(), ago(seconds), at.strftime("%Y-%m-%d %H:%M:%S UTC")
    )


@register.filter
def ago(seconds: float | None) -> str:
    """Say how long ago an instant was, or in how long it will be."""
    if not seconds:
        return "never"
    age = now_us(system_clock()) // 1_000_000 - int(seconds)
    for length, name in _STEPS:
        number = abs(age) // length
        if number:
            words = f"{number} {name}{'s' if number > 1 else ''}"
            return f"{words} ago" if age > 0 else f"in {words}"
    return "just now"


@register.filter
def duration(seconds: float | None) -> str:
    """Show a length of time: 1 h 02 min 03 s."""
    if seconds is None:
        return NOTHING
    whole = int(seconds)
    if whole < 60:
        return f"{seconds:.1f} s" if isinstance(seconds, float) and seconds < 10 else f"{whole} s"
    hours, minutes = divmod(whole // 60, 60)
    return f"{hours} h {minutes:02} min" if hours else f"{minutes} min {whole % 60:02} s"


@register.filter
def number(value: int | None) -> str:
    """Show a number with its thousands apart."""
    return NOTHING if value is None or not isinstance(value, int) else f"{value:,}"


@register.filter
def percent(share: float | None) -> str:
    """Show a share as three digits of a hundred."""
    return percent_of(share)


@register.filter
def size(octets: int | None) -> str:
    """Show a number of bytes: 1.4 MB."""
    if not octets:
        return NOTHING if octets is None else "0 B"
    amount, unit = float(octets), "B"
    for unit in ("B", "kB", "MB", "GB", "TB"):
        if amount < 1_000 or unit == "TB":
            break
        amount /= 1_000
    return f"{amount:.0f} {unit}" if unit == "B" or amount >= 100 else f"{amount:.1f} {unit}"


@register.filter
def pull_badge(state: str) -> SafeString:
    """Show the state of a pull, or of a stage of one, as a badge: its word, never its colour alone."""
    return format_html('<span class="badge {}">{}</span>', _PULL_BADGES.get(state, ""), state)


@register.filter
def verdict_badge(value: str | int) -> SafeString:
    """Show a verdict as a badge: its word, never its colour alone."""
    name = Verdict(value).name if isinstance(value, int) else value
    return format_html(
        '<span class="badge verdict-{}">{}</span>', name.lower().replace("_", "-"), name.replace("_", " ")
    )


@register.filter
def may(viewer: Any, right: str) -> bool:
    """Whether the viewer has a right: {% if viewer|may:"admin" %}."""
    return bool(viewer and viewer.may(right))


@register.filter
def words(name: str) -> str:
    """Show the name of a setting: ca_file becomes CA file."""
    text = name.replace("_", " ")
    return _NAMES.get(text, text[:1].upper() + text[1:])


@register.filter
def behind(text: str, beginning: str) -> str:
    """Show what stands behind a text's beginning, all of it where it begins otherwise."""
    return text.removeprefix(beginning).strip()


@register.filter
def told(value: Any) -> str:
    """Show the value of a setting: lists as their parts, truth as yes or no."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict):
        return (
            "; ".join(
                f"{words(name).lower()} {told(part)}" for name, part in value.items() if part not in ("", [], None)
            )
            or NOTHING
        )
    return ", ".join(map(told, value)) or NOTHING if isinstance(value, list) else str(value)


@register.filter
def breakable(text: str) -> SafeString:
    """Let a line break behind a slash, and nowhere inside an address."""
    return format_html_join(mark_safe("/<wbr>"), "{}", ((part,) for part in text.split("/")))


@register.filter
def minus(value: int, other: int) -> int:
    """Subtract."""
    return value - other


@register.filter
def add_float(value: float, other: float) -> float:
    """Add numbers of a picture."""
    return round(float(value) + float(other), 1)


@register.filter
def micro(instant_us: int | None) -> SafeString | str:
    """Show an instant in microseconds as `instant` does."""
    return instant((instant_us or 0) / 1_000_000)


@register.filter
def told_at(text: str | None) -> SafeString | str:
    """Show an instant in ISO 8601 as `instant` does."""
    return instant(parse_instant(text) / 1_000_000) if text else NOTHING


@register.filter
def code_words(code: str) -> str:
    """Show a reason's code: no_qid_for_claim becomes "No QID for claim"."""
    text = code.replace("_", " ").replace("qid", "QID")
    return text[:1].upper() + text[1:]


@register.filter
def split(text: str) -> list[str]:
    """Return the parts between commas."""
    return [part for part in text.split(",") if part]


@register.filter
def decision_badge(decision: str) -> SafeString:
    """Show what a person said as a badge."""
    kind = {"confirmed_false_positive": "badge-good", "confirmed_positive": "badge-bad"}.get(decision, "badge-info")
    return format_html('<span class="badge {}">{}</span>', kind, decision.replace("_", " "))


@register.simple_tag
def link_to(name: str, *arguments: Any) -> str:
    """Return the address of a page, "" if there is no such page: {% link_to 'pull' pull.pk as address %}."""
    try:
        return reverse(name, args=arguments)
    except NoReverseMatch:
        return ""


@register.simple_tag
def htmx() -> SafeString:
    """Load htmx."""
    return htmx_script(minified=True)


@register.simple_tag(takes_context=True)
def with_query(context: template.Context, **values: Any) -> str:
    """Return the page's query string with some values changed; None takes one out: {% with_query after=12 %}."""
    query = context["request"].GET.copy()
    for name, value in values.items():
        if value is None or value == "":
            query.pop(name, None)
        else:
            query[name] = value
    return f"?{query.urlencode()}"
