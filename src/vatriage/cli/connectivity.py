"""`vatriage device test`: Test Connectivity, stage by stage, with View Errors."""

import sys
from typing import TYPE_CHECKING

from vatriage.cli import remote_device
from vatriage.cli.session import Session, say, show_json, show_table
from vatriage.errors import VatriageError

if TYPE_CHECKING:
    from vatriage.usecases.diagnosis import Diagnosis, StageResult


class ConnectivityFailedError(VatriageError):
    """A stage failed; what is behind View Errors is the message."""

    def __init__(self, text: str, exit_code: int) -> None:
        super().__init__(text)
        self.exit_code = exit_code


def test_device(session: Session, name: str, *, as_json: bool) -> None:
    """Test a stored device and print the stages. Raises: ConnectivityFailedError: one failed."""
    diagnosis = remote_device.test(session.remote, name) if session.remote is not None else _tested(session, name)
    if as_json:
        show_json({"device": name} | diagnosis.to_dict())
    else:
        show(name, diagnosis)
    if diagnosis.trouble is not None:
        sys.stdout.flush()  # the stages stand before what is behind View Errors
        raise ConnectivityFailedError(diagnosis.trouble.text(), diagnosis.trouble.exit_code)


def _tested(session: Session, name: str) -> "Diagnosis":
    config = session.store()
    from vatriage.usecases.connectivity import test_connectivity  # noqa: PLC0415 - needs an open store
    from vatriage.usecases.devices import find_device  # noqa: PLC0415 - the same
    from vatriage.vault import open_vault  # noqa: PLC0415 - keeps --help fast
    from vatriage.wiring.servers import connectivity_tools, device_route  # noqa: PLC0415 - the same

    device = find_device(name)
    password = open_vault(config.key).unlock(device.password_token, device.owner)
    route = device_route(config, device)
    tools = connectivity_tools(config, device.url, device.login, password, route, session.clock)
    return test_connectivity(device.url, tools)


def show(name: str, diagnosis: "Diagnosis") -> None:
    """Print the stages as a table."""
    rows = [[stage.name, stage.state, str(stage.ms) if stage.ms else "", _found(stage)] for stage in diagnosis.stages]
    show_table("", ["stage", "state", "ms", "what was found"], rows)
    if diagnosis.ok:
        say(f"Device {name!r}: the server was reached, its certificate and our login were accepted.")


def _found(stage: "StageResult") -> str:
    return " ".join([*stage.details, f"-> {stage.remedy}" if stage.remedy else ""]).strip()
