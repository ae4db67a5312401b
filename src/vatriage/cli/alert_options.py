"""How a sensor's alerts are read: the options that verbs share."""

from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

if TYPE_CHECKING:
    from vatriage.sensors.interface import AlertReader

Format = Annotated[
    str | None,
    typer.Option(
        "--format",
        help="eve, snort-json, fast, snort-full, snort-csv, syslog, cef, leef or unified2 (default: told by the first bytes).",
    ),
]
Year = Annotated[
    int | None,
    typer.Option(
        min=1970,
        max=9999,
        help="Year of the first alert, for formats that write none (see docs/reference/alert-formats.md).",
    ),
]
TimeZone = Annotated[
    str | None, typer.Option(help="The sensor's time zone (Europe/Berlin), for formats that write local times.")
]


class AlertOptions(NamedTuple):
    """The options as a person gave them."""

    format_name: str | None = None
    year: int | None = None
    time_zone: str | None = None

    def reader(self) -> "AlertReader":
        """Return the reader. Raises: UsageError: there is no such format or time zone."""
        from vatriage.wiring.readers import alert_reader  # noqa: PLC0415 - keeps --help fast

        return alert_reader(self.format_name, year=self.year, time_zone=self.time_zone)

    def query(self) -> dict[str, str | None]:
        """Return the options as a server's API takes them."""
        year = None if self.year is None else str(self.year)
        return {"format": self.format_name, "year": year, "time_zone": self.time_zone}
