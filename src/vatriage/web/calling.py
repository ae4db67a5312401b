"""How a page calls a VA server: with what a form holds, or with what a device has."""

from vatriage import wiring
from vatriage.model.secret import Secret
from vatriage.net.interface import Fetcher
from vatriage.store.devices import Device
from vatriage.usecases.account_lists import AccountLists
from vatriage.usecases.connectivity import test_connectivity
from vatriage.web import house


def fetcher_of(url: str, login: str, password: Secret, ca_file: str) -> Fetcher:
    """Return the fetcher of a server. Raises: CertificateError: the authority's file cannot be used; nothing was sent."""
    return wiring.fetcher(house.config(), url, login, password, ca_file)


def lists_of(url: str, login: str, password: Secret, ca_file: str) -> AccountLists:
    """Return what asks an account for its short lists."""
    config = house.config()
    fetcher = fetcher_of(url, login, password, ca_file)
    return AccountLists(fetcher, wiring.qualys_calls(), wiring.report_reader(), config.home)


def lists_of_device(device: Device) -> AccountLists:
    """The same for a device. Raises: VaultError: its password cannot be decrypted."""
    password = house.vault().unlock(device.password_token, device.name)
    return lists_of(device.url, device.login, password, device.ca_file)


def test(url: str, login: str, password: Secret, ca_file: str) -> None:
    """Test connectivity; never starts a scan. Raises: NetError, VendorError, LongWaitError: the stage that failed."""
    config = house.config()
    fetcher = fetcher_of(url, login, password, ca_file)
    test_connectivity(url, fetcher, wiring.qualys_calls(), wiring.report_reader(), config.home)
