"""How a page calls a VA server, for a device that is stored or one that a form describes."""

from vatriage.model.route import Route
from vatriage.store.devices import Device
from vatriage.usecases.account_lists import AccountLists
from vatriage.usecases.connectivity import test_connectivity
from vatriage.usecases.diagnosis import Diagnosis
from vatriage.web import house
from vatriage.wiring import readers, servers


def check_authorities(url: str, ca_file: str) -> None:
    """Raise: CertificateError: a file of authorities cannot be used. Nothing is sent."""
    servers.connecting(house.config(), url, Route(ca_file=ca_file))


def lists_of(device: Device) -> AccountLists:
    """Return what asks a device's account for its short lists.

    Raises: VaultError: a password cannot be decrypted. CertificateError: the authorities cannot be used.
    """
    config = house.config()
    password = house.vault().unlock(device.password_token, device.owner)
    fetcher = servers.fetcher(config, device.url, device.login, password, servers.device_route(config, device))
    return AccountLists(fetcher, servers.qualys_calls(config), readers.report_reader(), config.home)


def test(device: Device) -> Diagnosis:
    """Test connectivity, stage by stage; never starts a scan. Raises: VaultError, CertificateError: see `lists_of`."""
    config = house.config()
    password = house.vault().unlock(device.password_token, device.owner)
    route = servers.device_route(config, device)
    tools = servers.connectivity_tools(config, device.url, device.login, password, route, house.clock())
    return test_connectivity(device.url, tools)
