"""Real unified2 of Snort, where it lies beside the checkout."""

from pathlib import Path

import pytest

from vatriage.sensors.any_format import AnyFormat

FOLDER = Path(__file__).parents[3] / "../shared/corpus/alerts/jasonish+py-idstools/tests"
COUNTS = {"merged.log": (12, 6), "multi-record-event.log": (17, 1), "ipv6-alert.unified2": (2, 1)}
"""Records and alerts, as the manifest of the corpus and idstools count them."""


@pytest.mark.skipif(not FOLDER.exists(), reason="no corpus beside the checkout")
@pytest.mark.parametrize("name", COUNTS)
def test_every_real_record_is_read(name):
    with (FOLDER / name).open("rb") as source:
        batches = list(AnyFormat().read(source, name, "default"))

    assert [reject for batch in batches for reject in batch.rejects] == []
    assert (sum(batch.events for batch in batches), sum(len(batch.alerts) for batch in batches)) == COUNTS[name]
