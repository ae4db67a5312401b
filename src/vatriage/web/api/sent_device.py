"""A device as a client sends it: whole, in part, or as a draft that is stored nowhere."""

from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, SecretStr

from vatriage.errors import NotFoundError, UsageError
from vatriage.model.route import Route
from vatriage.model.secret import Secret
from vatriage.model.viewer import Viewer
from vatriage.net.interface import NetError
from vatriage.store.devices import Device
from vatriage.usecases.config_kind import Content
from vatriage.usecases.devices import DeviceForm, drafted_device
from vatriage.usecases.parameters import ProxyForm
from vatriage.vendors.interface import VendorError
from vatriage.web import house
from vatriage.web.api.shapes import Name, Sent
from vatriage.web.api.sight import seen_device
from vatriage.wiring import servers

Texts = Annotated[list[Annotated[str, Field(max_length=255)]], Field(max_length=200)]
_Password = Annotated[SecretStr, Field(min_length=1, max_length=1000)]


class ProxyChange(Sent):
    """What is to change of a proxy; what is left out stays."""

    mode: Annotated[str, Field(max_length=16, description="none, http or socks5.")] | None = None
    address: Annotated[str, Field(max_length=255)] | None = None
    port: Annotated[int, Field(ge=0, le=65_535)] | None = None
    user: Annotated[str, Field(max_length=255, description="Empty = no login.")] | None = None
    password: _Password | None = None
    bypass: Texts | None = None

    def form(self) -> ProxyForm:
        """Return it as the use cases have it."""
        return ProxyForm(
            mode=self.mode, address=self.address, port=self.port, user=self.user, bypass=self.bypass,
            password=_secret(self.password),
        )  # fmt: skip


class TlsPolicy(Sent):
    """Whose certificates are believed."""

    mode: Annotated[str, Field(max_length=16, description="authorities, private, pin or always.")]
    bundle: Annotated[str, Field(max_length=500_000, description="private: PEM certificates.")] = ""
    until: Annotated[str, Field(max_length=40, description="always: until this instant.")] = ""


class DeviceChange(Sent):
    """What is to change of a device; what is left out stays."""

    url: Annotated[str, Field(max_length=2000)] | None = None
    login: Annotated[str, Field(max_length=255)] | None = None
    password: _Password | None = None
    zone: Name | None = None
    ca_file: (
        Annotated[
            str,
            Field(max_length=1000, pattern="^(/.*)?$", description="The path of a file on the server; empty = none."),
        ]
        | None
    ) = None
    complete_checks: Annotated[str, Field(description="yes, no or unknown.", max_length=8)] | None = None
    proxy_mode: (
        Annotated[str, Field(max_length=8, description="inherit (as for all devices), none, or own.")] | None
    ) = None
    proxy: Annotated[ProxyChange, Field(description="own: the device's own proxy.")] | None = None
    tls: Annotated[TlsPolicy, Field(description="The device's own policy.")] | None = None
    tls_as_all: Annotated[bool, Field(description="The policy is again that of all devices.")] = False

    def form(self, new_name: str | None = None) -> DeviceForm:
        """Return it as the use cases have it, with another name. Raises: UsageError: two TLS policies are sent."""
        if self.tls is not None and self.tls_as_all:
            raise UsageError("A TLS policy of its own, and that of all devices, are sent.", "Send one of the two.")
        tls: Content | None = {} if self.tls_as_all else None if self.tls is None else self.tls.model_dump()
        return DeviceForm(
            name=new_name, url=self.url, login=self.login, zone=self.zone, complete_checks=self.complete_checks,
            password=_secret(self.password), ca_file=None if self.ca_file is None else Path(self.ca_file),
            proxy_mode=self.proxy_mode, proxy=None if self.proxy is None else self.proxy.form(), tls=tls,
        )  # fmt: skip


class DeviceDraft(DeviceChange):
    """A device that is here, or one that is not stored, or the first with some values that are not submitted yet."""

    device: Annotated[Name, Field(description="Its values hold where nothing else is sent.")] | None = None


def check_sent(url: str, ca_file: str | None) -> None:
    """Raise: UsageError: URL or authority file cannot be meant. Nothing is sent."""
    try:
        servers.connecting(house.config(), url, Route(ca_file=ca_file or ""))
    except (VendorError, NetError) as error:
        raise UsageError(error.message, error.hint) from error


def submitted_device(viewer: Viewer, name: str) -> Content:
    """Return what a device will be. Raises: NotFoundError: it is none of the caller's, or is to be deleted."""
    seen_device(viewer, name)
    content = house.changes().submitted("device", name)
    if content is None:
        raise NotFoundError(f"Device {name!r} is to be deleted once that is activated.", "POST /changes/discard first.")
    return content


def draft_of(viewer: Viewer, sent: DeviceDraft) -> Device:
    """Return what a draft describes, to make a call with; a device alone is as it acts.

    Raises:
        NotFoundError: the device is none of the caller's.
        UsageError: what a call needs is missing or cannot be meant.
    """
    values: dict[str, Any] = sent.model_dump(exclude={"device"}, exclude_defaults=True)
    if sent.device and not values:
        return seen_device(viewer, sent.device)
    stored = submitted_device(viewer, sent.device) if sent.device else {}
    if not sent.device and None in (sent.url, sent.login, sent.password):
        raise UsageError("A draft needs url, login and password.", "Send them, or name a device that is here.")
    check_sent(sent.url or str(stored.get("url", "")), sent.ca_file)
    return drafted_device(sent.device or "", sent.form(), vault=house.vault(), changes=house.changes())


def _secret(sent: SecretStr | None) -> Secret | None:
    return None if sent is None else Secret(sent.get_secret_value())
