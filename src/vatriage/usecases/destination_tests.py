"""A test message: what a person sends to see whether a receiver is reached and takes it. It says that it is a test."""

import msgspec

from vatriage.clock import Clock, now_us
from vatriage.model.alert import Alert
from vatriage.model.destination import News, Outgoing
from vatriage.model.instant import format_instant
from vatriage.model.verdict import SCHEMA_VERSION, Inputs, TargetRecord, VerdictRecord
from vatriage.model.viewer import Who
from vatriage.net.interface import NetError
from vatriage.store.audit import note
from vatriage.usecases.destinations import find_destination
from vatriage.usecases.sending import Opening

_TEXT = "vatriage test message"


def send_test(name: str, opening: Opening, *, who: Who, clock: Clock) -> str:
    """Send a test message to a destination, and note that in the audit log; return what came of it.

    Raises:
        NotFoundError: there is no destination of that name.
        NetError, RefusedError, VaultError: it did not arrive; the message names the stage.
    """
    row = find_destination(name)
    note(who, now_us(clock) // 1_000_000, "destination tested", name, None, None)
    try:
        with opening(row) as sender:
            sender.send([_test_item(now_us(clock))])
    except NetError as error:
        raise NetError(
            f"The test message got as far as {error.stage.value}. {error.message}", error.hint, reason=error.reason,
            stage=error.stage,
        ) from error  # fmt: skip
    return f"{name!r} took the test message."


def _test_item(at_us: int) -> Outgoing:
    nobody = TargetRecord(None, None, "", "destination", "undecided", None)
    said = format_instant(at_us)
    record = VerdictRecord(
        schema=SCHEMA_VERSION, id="0" * 32, timestamp=said, judged_at=said, zone="default", signature="0:0:0",
        target=nobody, other_target=None, claims=(), verdict="UNKNOWN", conflict=False, reasons=(), justifications=(),
        evidence=(), disposition="allowed", priority=0, expires=None, inputs=Inputs("test", "test", "test", "test"),
        source_file=_TEXT, source_line=0,
    )  # fmt: skip
    alert = Alert(id="0" * 32, zone="default", at_us=at_us, gid=0, sid=0, rev=0, message=_TEXT)
    return Outgoing("0" * 32, News.TEST, msgspec.json.encode(record), record, alert)
