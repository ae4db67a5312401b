"""How `vatriage device add` and `device edit` submit a device: here, or at the server that --server names."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from getpass import getpass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from vatriage.cli import remote_device
from vatriage.cli.remote import Remote
from vatriage.cli.session import Session, warn
from vatriage.errors import UsageError
from vatriage.model.viewer import COMMAND_LINE

if TYPE_CHECKING:
    from vatriage.config import Config
    from vatriage.usecases.changes import Changes
    from vatriage.usecases.devices import DeviceForm


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What was said of a device; None = not said, and stays as it is."""

    name: str
    url: str | None
    login: str | None
    ca_file: Path | None
    complete_checks: str | None
    reads_from: Literal["terminal", "standard input"] | None
    """Where the password is to be read."""
    zone: str | None = None
    new_name: str | None = None
    """What the device is to be called."""

    def sent(self) -> dict[str, Any]:
        """Return what a server is told; a file of authorities is one of the server's."""
        ca_file = self.ca_file and str(self.ca_file)
        said = {
            "name": self.new_name,
            "url": self.url,
            "login": self.login,
            "ca_file": ca_file,
            "complete_checks": self.complete_checks,
        }
        return {name: value for name, value in said.items() if value is not None}

    def password(self) -> str | None:
        """Read the password, None if none is to be read. Raises: UsageError: none came."""
        return None if self.reads_from is None else _read_password(stdin=self.reads_from == "standard input")

    def form(self) -> "DeviceForm":
        """Return the form of a device here, the password read. Raises: UsageError: no password came."""
        from vatriage.model.secret import Secret  # noqa: PLC0415 - keeps --help fast
        from vatriage.usecases.devices import DeviceForm  # noqa: PLC0415 - needs an open store

        password = self.password()
        return DeviceForm(
            name=self.new_name, url=self.url, login=self.login, password=None if password is None else Secret(password), zone=self.zone,
            ca_file=self.ca_file, complete_checks=self.complete_checks,
        )  # fmt: skip


Added = tuple[dict[str, Any], list[str]]
"""A device, and what speaks against its activation."""


def add_there(remote: Remote, said: Said, wanted: remote_device.Activation | None) -> Added:
    """Submit a new device at a server, and activate it if `wanted`. Raises: UsageError: the URL cannot be meant."""
    _warn_of(said.url or "")
    sent = said.sent() | {"name": said.name, "zone": said.zone, "password": said.password()}
    return remote_device.add(remote, sent, wanted)


def add_here(session: Session, said: Said, wanted: remote_device.Activation | None) -> Added:
    """Submit a new device, and activate it if `wanted`. Raises: UsageError: something of it cannot be meant."""
    config = session.store()
    from vatriage.usecases.devices import add_device, find_device, shown  # noqa: PLC0415 - needs an open store
    from vatriage.vault import open_vault  # noqa: PLC0415 - keeps --help fast
    from vatriage.wiring.servers import changes  # noqa: PLC0415 - the same

    _check(config, said.url or "", said.ca_file)
    desk = changes(session.clock, config.snapshots)
    add_device(said.name, said.form(), vault=open_vault(config.key), changes=desk, who=COMMAND_LINE)
    refused = [] if wanted is None else _activate(desk, said.name, wanted)
    return shown(find_device(said.name)), refused


def _activate(desk: "Changes", name: str, wanted: remote_device.Activation) -> list[str]:
    """Activate a device; return what speaks against it."""
    done = desk.activate(
        COMMAND_LINE, confirmed={name: wanted.addresses}, groups=wanted.groups, only=[("device", name)], partly=True
    )
    return [str(error) for _, error in done.refused]


def edit_there(remote: Remote, said: Said) -> dict[str, Any]:
    """Submit a change of a device at a server; return the device. Raises: UsageError: the URL cannot be meant."""
    if said.url is not None:
        _warn_of(said.url)
    password = said.password()
    return remote_device.edit(remote, said.name, said.sent() | ({} if password is None else {"password": password}))


def edit_here(session: Session, said: Said) -> dict[str, Any]:
    """Submit a change of a device; return the device. Raises: UsageError: something of it cannot be meant."""
    config = session.store()
    from vatriage.usecases.devices import edit_device, find_device, shown  # noqa: PLC0415 - needs an open store
    from vatriage.vault import open_vault  # noqa: PLC0415 - keeps --help fast
    from vatriage.wiring.servers import changes  # noqa: PLC0415 - the same

    _check(config, said.url or find_device(said.name).url, said.ca_file)
    desk = changes(session.clock, config.snapshots)
    return shown(edit_device(said.name, said.form(), vault=open_vault(config.key), changes=desk, who=COMMAND_LINE))


def _warn_of(url: str) -> None:
    """Warn of what a URL may be meant otherwise; the server says whether it can be meant at all."""
    for sentence in _warnings(url):
        warn(f"Warning: {sentence}")


def _check(config: "Config", url: str, ca_file: Path | None) -> None:
    """Warn of what the URL may be meant otherwise. Raises: UsageError: URL or authority file cannot be meant."""
    from vatriage.model.route import Route  # noqa: PLC0415 - keeps --help fast
    from vatriage.net.interface import NetError  # noqa: PLC0415 - the same
    from vatriage.wiring.servers import connecting  # noqa: PLC0415 - the same

    sentences = _warnings(url)
    try:
        connecting(config, url, Route(ca_file=str(ca_file or "")))
    except NetError as error:  # nothing was sent: it is what was typed that is wrong
        raise UsageError(error.message, error.hint) from error
    for sentence in sentences:
        warn(f"Warning: {sentence}")


def _warnings(url: str) -> Sequence[str]:
    """Return what a URL may be meant otherwise. Raises: UsageError: it cannot be meant."""
    from vatriage.vendors.interface import VendorError  # noqa: PLC0415 - keeps --help fast
    from vatriage.wiring.servers import qualys_calls  # noqa: PLC0415 - the same

    try:
        return qualys_calls().query(url).warnings
    except VendorError as error:
        raise UsageError(error.message, error.hint) from error


def _read_password(*, stdin: bool) -> str:
    try:
        text = sys.stdin.readline().rstrip("\r\n") if stdin else getpass("Password: ")
    except EOFError:
        text = ""
    if not text:
        raise UsageError("No password came.", "Type it, or send it to --password-stdin.")
    return text
