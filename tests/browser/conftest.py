"""A service for all browser tests, a browser for each file of them.

The browser is closed before tests of another file begin: playwright keeps an event loop in the thread, where Django's ORM
refuses to work. For the same reason these tests fill the store by the command line.
"""

import os
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from ground import CHROMIUM, Surroundings, add_people, chromium, fill

from pulled_subscription import make_subscription
from served import served
from vatriage_simulator.server import SimulatorServer


@pytest.fixture(scope="session")
def simulator():
    """A simulated Qualys server with three hosts."""
    with SimulatorServer(make_subscription()) as server:
        yield server


@pytest.fixture(scope="session")
def service(tmp_path_factory, simulator):
    """The running service: a pulled device, judged alerts, a user of each role."""
    if not CHROMIUM.exists():
        pytest.skip(f"no {CHROMIUM}: tests/install_packages.sh installs it as root")
    home = tmp_path_factory.mktemp("served") / "home"
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("VATRIAGE_DATABASE", raising=False)
        fill(home, simulator)
        with served(home) as running:
            add_people(home, running)
            yield running


@pytest.fixture(scope="session")
def screenshots(tmp_path_factory):
    """The folder named by VATRIAGE_SCREENSHOTS, or a temporary one."""
    folder = Path(os.environ.get("VATRIAGE_SCREENSHOTS") or tmp_path_factory.mktemp("screenshots"))
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture(scope="module")
def surroundings(service, screenshots):
    """Contexts of a browser; afterwards nothing has left this machine and no script has failed."""
    with chromium() as browser:
        made = Surroundings(browser, service, screenshots)
        yield made
        assert made.left == []
        assert made.broken == []
