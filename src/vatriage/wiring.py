"""The only room where real things meet: settings, clock, store, vendors, sensors.

`triage_knowledge` needs neither Django nor a database, so that judging a file starts fast; everything that touches the
inventory calls `open_store` first.
"""

from collections.abc import Sequence
from pathlib import Path

from vatriage.clock import Clock, SystemClock
from vatriage.config import Config
from vatriage.model.policy import Policy
from vatriage.model.signature import SignatureIndex
from vatriage.sensors.interface import AlertReader
from vatriage.sensors.suricata_eve import SuricataEve
from vatriage.signatures.index import merge_indexes
from vatriage.signatures.knowledge import load_outcome_rules, load_transitive
from vatriage.store.snapshots import load_snapshot
from vatriage.triage.kernel import Knowledge
from vatriage.usecases.signatures import read_signatures, stored_signatures
from vatriage.vendors.interface import ReportReader
from vatriage.vendors.qualys.readers import QualysReader


def system_clock() -> Clock:
    """Return the machine's clock."""
    return SystemClock()


def alert_reader() -> AlertReader:
    """Return the reader of Suricata's EVE."""
    return SuricataEve()


def triage_knowledge(config: Config, rules: Sequence[Path] = ()) -> Knowledge:
    """Return everything a verdict is computed from: the current snapshot, stored and given signatures, the policy."""
    index: SignatureIndex = stored_signatures(config.signatures)
    if rules:
        index = merge_indexes(index, read_signatures(rules).index)
    return Knowledge(
        snapshot=load_snapshot(config.snapshots),
        signatures=index,
        policy=Policy(),
        outcome_rules=load_outcome_rules(),
        transitive=load_transitive(),
    )


def open_store(config: Config) -> None:
    """Make the home folder if needed, configure Django on its database and bring the tables up to date."""
    from vatriage.settings import configure, sqlite  # noqa: PLC0415 - Django is imported only where a store is needed
    from vatriage.store.opening import migrate, prepare_home  # noqa: PLC0415 - the same

    prepare_home(config.home)
    configure(sqlite(config.database), secret_key="unused until there is a web face")  # noqa: S106 - signs nothing
    migrate(config.database)


def report_reader() -> ReportReader:
    """Return the reader of the VA vendor's documents."""
    return QualysReader()
