"""Our settings: where things are kept and how long we wait. Read once, by the wiring only.

Every setting has a default that works; the environment may change it (docs/reference/settings.md lists them all).
"""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path

from vatriage.errors import UsageError
from vatriage.model.secret import Secret

_LOOPBACK = ("127.0.0.1", "localhost", "[::1]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """All settings of one run."""

    home: Path
    """Folder of everything we keep: database, snapshots, raw pages, key (VATRIAGE_HOME, `--home`)."""
    server: Secret | None = None
    """VATRIAGE_DATABASE: address of a PostgreSQL database, `postgresql://user@host:port/database`; without it the inventory
    is an SQLite file in `home`. Secret, because the address may hold a password (docs/how-to/use-postgresql.md)."""
    redis_password: Secret | None = None
    """VATRIAGE_REDIS_PASSWORD: password of the Redis or Valkey servers that alerts come from and verdicts go to, where their
    address names no file of its own (`&password_file=FILE`)."""
    connect_timeout_s: float = 10.0
    """VATRIAGE_CONNECT_TIMEOUT_S: until a TCP and TLS connection stands."""
    first_byte_timeout_s: float = 300.0
    """VATRIAGE_FIRST_BYTE_TIMEOUT_S: Qualys takes minutes to begin a large answer."""
    idle_timeout_s: float = 120.0
    """VATRIAGE_IDLE_TIMEOUT_S: silence in the middle of an answer; keep-alives come every ~37 s."""
    longest_wait_s: float = 120.0
    """VATRIAGE_LONGEST_WAIT_S: a longer wait asked for by the vendor is not slept through; the pull stops and says when to go on."""
    scan_poll_s: float = 30.0
    """VATRIAGE_SCAN_POLL_S: how often to ask whether a scan whose report broke off still runs."""
    scan_wait_s: float = 21_600.0
    """VATRIAGE_SCAN_WAIT_S: how long one pull asks so; the next one goes on, and fetches the report once the scan has ended."""
    page_hosts: int = 500
    """VATRIAGE_PAGE_HOSTS: hosts asked for in one page of detections at most (1 to 10,000); a page that does not come is asked
    for in halves."""
    page_bytes: int = 2 << 30
    """VATRIAGE_PAGE_BYTES: how long one answer may be, unpacked (from 65,536); a longer one is asked for in halves."""
    full_pull_days: float = 7.0
    """VATRIAGE_FULL_PULL_DAYS: after how many days a pull asks for every host again, not only for those that changed (0 to
    365; 0 = always)."""
    retry_pause_s: float = 2.0
    """VATRIAGE_RETRY_PAUSE_S: how long to wait before a page is asked for again after its first failure; then twice as long."""
    pulls_at_once: int = 4
    """VATRIAGE_PULLS_AT_ONCE: devices that the controller pulls at a time (1 to 64)."""
    raw_pages_max_bytes: int = 20_000_000_000
    """VATRIAGE_RAW_PAGES_MAX_BYTES: what kept raw pages may take, compressed; the oldest are removed first (0 = no bound)."""
    raw_pages_max_age_days: float = 30.0
    """VATRIAGE_RAW_PAGES_MAX_AGE_DAYS: raw pages of pulls that ended longer ago are removed (0 = no bound)."""
    subscriptions: tuple[tuple[str, str], ...] = ()
    """VATRIAGE_SUBSCRIPTIONS: which accounts share one subscription's limits, `login@server=NAME` separated by commas; an
    account that is not named has limits of its own."""
    api_versions: tuple[tuple[str, str], ...] = ()
    """VATRIAGE_API_VERSIONS: another version of the API for a resource, `knowledge_base=3.0` separated by commas; without it
    `host_list=5.0,detections=5.0,knowledge_base=4.0,scan_list=2.0`."""
    ask_scores: bool = False
    """VATRIAGE_ASK_QDS: yes = pulls ask for the Qualys Detection Score of each detection, which ranks alerts; a subscription
    without TruRisk may refuse the question."""
    hosts: tuple[str, ...] = _LOOPBACK
    """VATRIAGE_HOSTS: names under which browsers may reach the web face, separated by commas; loopback always may."""
    https: bool = False
    """VATRIAGE_HTTPS: yes where browsers come over TLS (a certificate of our own, or a proxy in front that ends it)."""
    proxies: tuple[IPv4Network | IPv6Network, ...] = ()
    """VATRIAGE_TRUSTED_PROXIES: addresses and networks of the reverse proxies in front, separated by commas; X-Forwarded-For is believed from them only."""

    @property
    def database(self) -> Path:
        """The SQLite file of the embedded default, where there is no `server`."""
        return self.home / "vatriage.sqlite3"

    @property
    def engine(self) -> Path:
        """The controller's own SQLite file, where there is no `server`."""
        return self.home / "engine.sqlite3"

    @property
    def snapshots(self) -> Path:
        """Folder of snapshots."""
        return self.home / "snapshots"

    @property
    def pages(self) -> Path:
        """Folder of raw pages, compressed."""
        return self.home / "pages"

    @property
    def archive(self) -> Path:
        """Folder of archived alerts' events."""
        return self.home / "archive"

    @property
    def signatures(self) -> Path:
        """File of the loaded signatures."""
        return self.home / "signatures.index"

    @property
    def ranking(self) -> Path:
        """Folder of the loaded lists that alerts are ranked by."""
        return self.home / "ranking"

    @property
    def errors(self) -> Path:
        """Tracebacks of bugs of ours, by the reference that the page shows; older ones in `.1` to `.3` (mode 0600)."""
        return self.home / "errors.log"

    @property
    def key(self) -> Path:
        """File of the key that encrypts passwords (mode 0600)."""
        return self.home / "key"


_NUMBERS = {
    "VATRIAGE_CONNECT_TIMEOUT_S": "connect_timeout_s",
    "VATRIAGE_FIRST_BYTE_TIMEOUT_S": "first_byte_timeout_s",
    "VATRIAGE_IDLE_TIMEOUT_S": "idle_timeout_s",
    "VATRIAGE_LONGEST_WAIT_S": "longest_wait_s",
    "VATRIAGE_SCAN_POLL_S": "scan_poll_s",
    "VATRIAGE_SCAN_WAIT_S": "scan_wait_s",
    "VATRIAGE_RETRY_PAUSE_S": "retry_pause_s",
}


def read_config(home: Path | None, environment: Mapping[str, str] | None = None) -> Config:
    """Return the settings from the command line's home and the environment.

    Args:
        home: `--home`, or None for VATRIAGE_HOME, or `~/.vatriage` without it.
        environment: variables; the process's own by default.

    Raises:
        UsageError: a number is no number or out of bounds, or an address is none.
    """
    variables = os.environ if environment is None else environment
    chosen = home or Path(variables.get("VATRIAGE_HOME") or Path.home() / ".vatriage")
    numbers = {
        field: _number(name, variables[name], most=86_400.0) for name, field in _NUMBERS.items() if name in variables
    }
    page_hosts = _number("VATRIAGE_PAGE_HOSTS", variables.get("VATRIAGE_PAGE_HOSTS", "500"), most=10_000, least=1)
    raw_bytes = variables.get("VATRIAGE_RAW_PAGES_MAX_BYTES", "20000000000")
    raw_days = variables.get("VATRIAGE_RAW_PAGES_MAX_AGE_DAYS", "30")
    pulls_at_once = _number("VATRIAGE_PULLS_AT_ONCE", variables.get("VATRIAGE_PULLS_AT_ONCE", "4"), most=64, least=1)
    page_bytes = _number("VATRIAGE_PAGE_BYTES", variables.get("VATRIAGE_PAGE_BYTES", str(2 << 30)), 1 << 44, 65_536)
    return Config(
        home=chosen.expanduser().absolute(),
        server=_server(variables.get("VATRIAGE_DATABASE", "")),
        redis_password=Secret(variables["VATRIAGE_REDIS_PASSWORD"])
        if variables.get("VATRIAGE_REDIS_PASSWORD")
        else None,
        page_hosts=int(page_hosts),
        page_bytes=int(page_bytes),
        full_pull_days=_days("VATRIAGE_FULL_PULL_DAYS", variables.get("VATRIAGE_FULL_PULL_DAYS", "7")),
        pulls_at_once=int(pulls_at_once),
        raw_pages_max_bytes=int(_number("VATRIAGE_RAW_PAGES_MAX_BYTES", raw_bytes, most=1e15, zero=True)),
        raw_pages_max_age_days=_number("VATRIAGE_RAW_PAGES_MAX_AGE_DAYS", raw_days, most=36_500, zero=True),
        subscriptions=_pairs(
            "VATRIAGE_SUBSCRIPTIONS", variables.get("VATRIAGE_SUBSCRIPTIONS", ""), r"[^=,]+@[^=,]+=[^=,]+"
        ),
        api_versions=_pairs("VATRIAGE_API_VERSIONS", variables.get("VATRIAGE_API_VERSIONS", ""), r"[a-z_]+=\d+\.\d+"),
        ask_scores=_yes_or_no("VATRIAGE_ASK_QDS", variables.get("VATRIAGE_ASK_QDS", "no")),
        https=_yes_or_no("VATRIAGE_HTTPS", variables.get("VATRIAGE_HTTPS", "no")),
        hosts=_hosts(variables.get("VATRIAGE_HOSTS", "")),
        proxies=_proxies(variables.get("VATRIAGE_TRUSTED_PROXIES", "")),
        **numbers,
    )


def _yes_or_no(name: str, text: str) -> bool:
    if text not in ("yes", "no"):
        raise UsageError(f"{name}={text!r} is neither yes nor no.", "Correct or unset the variable.")
    return text == "yes"


def _pairs(name: str, text: str, form: str) -> tuple[tuple[str, str], ...]:
    """Return a setting of the form `a=b, c=d`."""
    found = []
    for part in filter(None, map(str.strip, text.split(","))):
        if not re.fullmatch(form, part):
            raise UsageError(f"{name}: {part!r} cannot be read.", "docs/reference/settings.md shows how it is written.")
        key, _, value = part.partition("=")
        found.append((key.strip(), value.strip()))
    return tuple(found)


def _hosts(text: str) -> tuple[str, ...]:
    named = tuple(part.strip() for part in text.split(",") if part.strip())
    return named + _LOOPBACK


def _proxies(text: str) -> tuple[IPv4Network | IPv6Network, ...]:
    named = [part.strip() for part in text.split(",") if part.strip()]
    try:
        return tuple(ip_network(part) for part in named)
    except ValueError as error:
        raise UsageError(
            f"VATRIAGE_TRUSTED_PROXIES holds no addresses and networks: {error}.",
            "Write it like 127.0.0.1,192.0.2.0/24, or unset it.",
        ) from error


def _server(address: str) -> Secret | None:
    if not address:
        return None
    if not address.startswith(("postgresql://", "postgres://")):
        raise UsageError(
            "VATRIAGE_DATABASE is no address of a PostgreSQL database.",
            "Write it like postgresql://user@host:5432/database, or unset it to keep the inventory in the home folder.",
        )
    return Secret(address)


def _days(name: str, text: str) -> float:
    return 0.0 if text.strip() == "0" else _number(name, text, most=365.0)


def _number(name: str, text: str, most: float, least: float = 0.0, *, zero: bool = False) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if zero and value == 0:
        return 0.0
    if not 0 < value <= most or value < least:
        bound = f"from {least:g}" if least or zero else "above 0 and"
        raise UsageError(f"{name}={text!r} is no number {bound} up to {most:g}.", "Correct or unset the variable.")
    return value
