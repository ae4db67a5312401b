"""How a page calls a VA server, for a device that is stored or one that a form describes."""

from vatriage import wiring
from vatriage.store.devices import Device
from vatriage.usecases.connectivity import test_connectivity
from vatriage.usecases.diagnosis import Diagnosis
from vatriage.web import house


def test(device: Device) -> Diagnosis:
    """Test connectivity, stage by stage; never starts a scan. Raises: VaultError, CertificateError."""
    config = house.config()
    password = house.vault().unlock(device.password_token, device.name)
    route = wiring.device_route(config, device)
    tools = wiring.connectivity_tools(config, device.url, device.login, password, route, house.clock())
    return test_connectivity(device.url, tools)
