"""The options that `vatriage rule add` and `vatriage rule edit` have in common, with their help."""

from typing import Annotated

import typer

TIME_ZONE = "IANA name of the zone that times are meant in."
JITTER = "Start each run up to so many seconds later."
MISSED = 'Runs missed while no controller ran: "run once" or "skip".'
Network = Annotated[
    list[str] | None,
    typer.Option(help="IP/MASK: devices whose Access IP lies in it; 165.193.18.12/255.255.255.255 = all QualysGuard."),
]
IpRange = Annotated[
    list[str] | None, typer.Option("--range", help="FIRST-LAST: devices whose Access IP lies in it.")
]  # fmt: skip
OneDevice = Annotated[list[str] | None, typer.Option("--device", help="A device.")]
WholeZone = Annotated[list[str] | None, typer.Option("--zone", help="Every device of a zone.")]
Every = Annotated[str | None, typer.Option(help="An interval: 30m, 6h.")]
Daily = Annotated[str | None, typer.Option(help="Times: 02:00 or 02:00,14:00.")]
Weekly = Annotated[str | None, typer.Option(help='Days and times: "mon,thu 02:00".')]
Monthly = Annotated[str | None, typer.Option(help='Dates and times: "1,15,last 02:00".')]
Cron = Annotated[str | None, typer.Option(help="Five cron fields.")]
Blackouts = Annotated[
    list[str] | None,
    typer.Option("--blackout", help='Nothing starts then: "sat,sun 08:00-18:00" (local); may be repeated.'),
]
