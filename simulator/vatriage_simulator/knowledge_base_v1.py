"""/msp/knowledgebase_download.php: the KnowledgeBase of v1, whole or one QID (`vuln_id`).

Source: a real body of one QID (root VULNS; names and order of elements). CVSS is left out: the simulator knows none.
"""

from collections.abc import Iterator, Sequence

from vatriage_simulator import markup, scan_document, v1_errors
from vatriage_simulator.answers import XML_LIST, Answer, Call
from vatriage_simulator.subscription import Subscription
from vatriage_simulator.v1_errors import RefusedError


def knowledge_base_v1(sim: Subscription, call: Call, _login: str) -> Answer:
    """Answer the entries by ascending QID; other parameters of the function change nothing here.

    Raises: RefusedError: vuln_id is no number.
    """
    asked = call.parameters.get("vuln_id", "")
    if asked and not asked.isdecimal():
        raise RefusedError(v1_errors.BAD_VALUE, f"Invalid value for 'vuln_id' : {asked}.")
    qids = tuple(qid for qid in sim.vulnerabilities.known() if not asked or qid == int(asked))
    return Answer(
        status=200,
        content_type=XML_LIST,
        head='<?xml version="1.0" encoding="UTF-8" ?>\n'
        f'<!DOCTYPE VULNS SYSTEM "{call.url}/knowledgebase_download.dtd">\n{scan_document.COMMENTS}<VULNS>\n',
        records=_entries(sim, qids, show_pci=call.parameters.get("show_pci_flag") == "1"),
        record_ids=qids,
        tail="</VULNS>\n",
    )


def _entries(sim: Subscription, qids: Sequence[int], *, show_pci: bool) -> Iterator[tuple[int, str]]:
    """Write the entries one by one."""
    for qid in qids:
        entry = sim.vulnerabilities.read(qid)
        if entry is None:
            continue
        cves, bugtraqs, *texts = scan_document.known(entry)
        yield (
            entry.qid,
            "  <VULN>\n"
            + markup.lines(
                4,
                markup.element("QID", entry.qid),
                markup.element("VULN_TYPE", entry.type),
                markup.element("SEVERITY_LEVEL", entry.severity),
                markup.cdata_element("TITLE", entry.title),
                markup.element("CATEGORY", entry.category),
                markup.cdata_element("LAST_UPDATE", markup.instant(entry.modified)),
                bugtraqs,
                markup.flag("PATCHABLE", entry.patchable),
                cves,
                *texts,
                markup.flag("PCI_FLAG", entry.severity >= 3) if show_pci else "",
            )
            + "  </VULN>\n",
        )
