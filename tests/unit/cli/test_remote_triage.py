"""Another machine's verdicts must be of our alerts, each of its own."""

import json

import pytest

from end_to_end_program import alert
from unit.triage.strategies import knowledge_of
from vatriage.cli.alert_options import AlertOptions
from vatriage.cli.remote_triage import RemoteRun
from vatriage.errors import VatriageError
from vatriage.model.outcome import OutcomeIndex
from vatriage.sensors.suricata_eve import SuricataEve
from vatriage.triage.kernel import Kernel


class Server:
    """Judges as a server does, but tells its records as `told` leaves them."""

    def __init__(self, told, folder):
        self._told, self._folder = told, folder

    def ask(self, *_path, query, body):
        """See Remote.ask."""
        (self._folder / "body.json").write_bytes(body)
        with (self._folder / "body.json").open("rb") as source:
            alerts = [one for batch in SuricataEve().read(source, "-", query["zone"]) for one in batch.alerts]
        records = Kernel(knowledge_of(), 0).judge(alerts, OutcomeIndex())
        return {"records": json.loads(json.dumps([record.to_dict() for record in self._told(records)]))}


def ids(told, folder):
    """Return the ids of the records in the order of three alerts."""
    path = folder / "eve.json"
    path.write_text("\n".join(alert(sid) for sid in (1, 2, 3)) + "\n")
    run = RemoteRun(Server(told, folder), AlertOptions(), "default", None)
    return [record.id for batch in run.judge([str(path)], keep_events=False) for record in batch.records]


def test_the_verdicts_come_in_the_order_of_the_alerts(tmp_path):
    assert len(set(ids(lambda records: records, tmp_path))) == 3


@pytest.mark.parametrize(
    "told",
    [
        lambda records: records[1:],
        lambda records: records[:2],
        lambda records: [*records, records[0]],
        lambda records: records[::-1],
    ],
)
def test_verdicts_of_other_alerts_are_refused_and_not_shown_as_ours(tmp_path, told):
    with pytest.raises(VatriageError, match="other alerts"):
        ids(told, tmp_path)
