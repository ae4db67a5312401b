"""Real EVE of other people, where it lies beside the checkout: nothing may be lost or refused."""

import bz2
import gzip
import json
from pathlib import Path

import pytest

from vatriage.sensors.suricata_eve import SuricataEve

ALERTS = Path(__file__).parents[3] / "../shared/corpus/alerts"
FILES = [
    *sorted(ALERTS.glob("suricata-7.0.10-run/alerts.ndjson.gz")),
    *sorted(ALERTS.glob("suricata-7.0.10-run/*.eve.json")),
    *sorted(ALERTS.glob("josevnz+SuricataLog/test/eve*")),
]
OPENERS = {".gz": gzip.open, ".bz2": bz2.open}


@pytest.mark.skipif(not FILES, reason="no corpus beside the checkout")
@pytest.mark.parametrize("path", FILES, ids=[path.name for path in FILES])
def test_every_real_alert_is_read(path):
    with OPENERS.get(path.suffix, open)(path, "rb") as plain:
        events = [json.loads(line) for line in plain if line.strip()]
    with path.open("rb") as source:
        batches = list(SuricataEve().read(source, path.name, "default"))
    expected = [event["alert"]["signature_id"] for event in events if event["event_type"] == "alert"]

    assert expected == [alert.sid for batch in batches for alert in batch.alerts]
    assert len(events) == sum(batch.events for batch in batches)
    assert [reject for batch in batches for reject in batch.rejects] == []
    assert len(expected) == len({alert.id for batch in batches for alert in batch.alerts})


def test_the_corpus_is_counted():
    if not FILES:
        pytest.skip("no corpus beside the checkout")

    assert len(FILES) >= 12
