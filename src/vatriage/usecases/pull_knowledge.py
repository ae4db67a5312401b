"""The KnowledgeBase of a pull: what changed in it, and the entries of QIDs that were found and have none."""

from vatriage.store.bulk import fetch
from vatriage.store.devices import Device
from vatriage.store.knowledge_rows import qids_without_entry
from vatriage.store.ledger import COMPLETE, knowledge_is_sound
from vatriage.usecases.page_size import PageSize
from vatriage.usecases.page_wanted import Wanted
from vatriage.usecases.pull_batches import Batches
from vatriage.usecases.pull_run import PullRun
from vatriage.vendors.interface import RequestRefusedError

KNOWLEDGE_OVERLAP_S = 2 * 86_400
"""How far a delta of the KnowledgeBase reaches back behind the last complete pull: clocks differ."""
MOST_QIDS = 500
"""Entries that are asked for by QID at a time: 2,000 took others a minute and a half."""
_KIND = "KNOWLEDGE_BASE_VULN_LIST_OUTPUT"


def take_knowledge(run: PullRun) -> None:
    """Fetch what is new in the KnowledgeBase, and the entries of QIDs that were found and have none."""
    calls = run.tools.calls
    since = _knowledge_since(run.device)
    run.taker.take(
        Wanted(request=calls.knowledge_base(since, ()), kind=_KIND, step="knowledge", whole_knowledge=not since)
    )

    def page(batch: tuple[int, ...]) -> Wanted:
        return Wanted(request=calls.knowledge_base(0, batch), kind=_KIND, step="missing", ids=batch)

    batches = Batches(
        step="missing", size=PageSize(MOST_QIDS), page=page, large_bytes=run.tools.page_bytes // 2,
        lost=lambda qid, why: run.result.notes.append(f"The KnowledgeBase entry of QID {qid} does not come: {why}"),
    )  # fmt: skip
    batches.take(run.taker, qids_without_entry())
    run.result.qids_without_entry = qids_without_entry()


def take_any_knowledge(run: PullRun) -> None:
    """The same for a query of API v1, whose account may know the KnowledgeBase of v1 only, or none."""
    try:
        take_knowledge(run)
    except RequestRefusedError:
        try:
            run.taker.take(Wanted(request=run.tools.calls.saved_knowledge_base(), kind="VULNS"))
        except RequestRefusedError as error:
            run.result.notes.append(
                f"The account gives no KnowledgeBase: only what reports say of QIDs is known. {error}"
            )
        run.result.qids_without_entry = qids_without_entry()


def _knowledge_since(device: Device) -> int:
    """Return since when the KnowledgeBase must be asked for what was modified, 0 for all of it.

    Only a complete pull of this device is known to have left a whole KnowledgeBase: a delta on top of an imported
    excerpt would leave QIDs of a claim out for ever, and with them the chance that one of them objects. Where a copy lost
    entries, only a whole one makes good for it.
    """
    if not knowledge_is_sound():
        return 0
    sql = (
        "SELECT COALESCE(MAX(p.started_at), 0) FROM pulls p WHERE p.device_id = %s AND p.state = %s AND EXISTS "
        "(SELECT 1 FROM pull_pages g WHERE g.pull_id = p.id AND g.resource = 'knowledge_base')"
    )
    complete = fetch(sql, [device.pk, COMPLETE])
    return max(int(complete[0][0]) - KNOWLEDGE_OVERLAP_S, 0)
