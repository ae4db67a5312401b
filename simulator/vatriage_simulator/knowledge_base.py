"""The KnowledgeBase: /api/{2.0,3.0,4.0}/fo/knowledge_base/vuln/ action=list. It has no pages.

Source: the KnowledgeBase DTD and recorded bodies of 2020 and 2022. details=All adds nothing here: what it adds
(CVSS, exploits, malware) the simulator does not know.
"""

from collections.abc import Callable, Iterator, Sequence

from vatriage_simulator import markup, paging
from vatriage_simulator.answers import Answer, Call, listing
from vatriage_simulator.parameters import Parameters
from vatriage_simulator.subscription import Subscription
from vatriage_simulator.vulnerabilities import SimVulnerability

_ROOT = "KNOWLEDGE_BASE_VULN_LIST_OUTPUT"
_METHODS = ("Remote", "Authenticated", "RemoteOnly", "AuthenticatedOnly", "RemoteAndAuthenticated")
_NAMES = frozenset(
    {
        "action",
        "details",
        "ids",
        "id_min",
        "id_max",
        "is_patchable",
        "last_modified_after",
        "last_modified_before",
        "published_after",
        "published_before",
        "discovery_method",
        "show_disabled_flag",
        "show_pci_reasons",
        "show_supported_modules_info",
        "show_qid_change_log",
        "echo_request",
    }
)
_Test = Callable[[SimVulnerability], bool]


def knowledge_base(sim: Subscription, call: Call, version: tuple[int, int]) -> Answer:
    """Answer action=list: entries, or for details=None their QIDs.

    Raises: BadParameterError: codes 1901, 1903, 1905.
    """
    parameters = Parameters(call.parameters)
    parameters.required("action")
    parameters.known(_NAMES)
    parameters.word("action", ("list",), "list")
    details = parameters.word("details", ("Basic", "All", "None"), "Basic")
    show_disabled = parameters.flag("show_disabled_flag", default=False)
    tests = [*_date_tests(parameters), *_kind_tests(parameters)]
    qids = tuple(_matching(sim, parameters, tests))
    ids_only = details == "None"
    return listing(
        call,
        sim.clock.now(),
        root=_ROOT,
        dtd=f"/api/{version[0]}.{version[1]}/fo/knowledge_base/vuln/knowledge_base_vuln_list_output.dtd",
        container="ID_SET" if ids_only else "VULN_LIST",
        records=paging.id_set(qids) if ids_only else _entries(sim, qids, version, show_disabled=show_disabled),
        record_ids=qids,
    )


def _matching(sim: Subscription, parameters: Parameters, tests: Sequence[_Test]) -> Iterator[int]:
    """Yield the QIDs that pass the filters, ascending; an entry is looked at only where a test asks for it."""
    ids, low, high = parameters.ids("ids"), parameters.number("id_min", 0), parameters.number("id_max", 0)
    for qid in sim.vulnerabilities.known(ids):
        if qid < low or (high and qid > high):
            continue
        entry = sim.vulnerabilities.read(qid) if tests else None
        if not tests or (entry is not None and all(test(entry) for test in tests)):
            yield qid


def _date_tests(parameters: Parameters) -> list[_Test]:
    """Bounds are not included: "after" and "before" are the guide's words, more is not published."""
    tests: list[_Test] = []
    if (changed := parameters.instant("last_modified_after")) is not None:
        tests.append(lambda entry: entry.modified > changed)
    if (unchanged := parameters.instant("last_modified_before")) is not None:
        tests.append(lambda entry: entry.modified < unchanged)
    if (after := parameters.instant("published_after")) is not None:
        tests.append(lambda entry: entry.published > after)
    if (before := parameters.instant("published_before")) is not None:
        tests.append(lambda entry: entry.published < before)
    return tests


def _kind_tests(parameters: Parameters) -> list[_Test]:
    """Tests by patch and by discovery."""
    tests: list[_Test] = []
    if "is_patchable" in parameters.given:
        patchable = parameters.flag("is_patchable", default=False)
        tests.append(lambda entry: entry.patchable == patchable)
    if "discovery_method" in parameters.given:
        method = parameters.word("discovery_method", _METHODS, "Remote")
        tests.append(lambda entry: _is_found_by(entry, method))
    return tests


def _is_found_by(entry: SimVulnerability, method: str) -> bool:
    """Whether an entry's DISCOVERY fits a discovery_method."""
    authenticated = bool(entry.auth_types)
    return {
        "Remote": entry.remote,
        "Authenticated": authenticated,
        "RemoteOnly": entry.remote and not authenticated,
        "AuthenticatedOnly": authenticated and not entry.remote,
        "RemoteAndAuthenticated": authenticated and entry.remote,
    }[method]


def _entries(
    sim: Subscription, qids: Sequence[int], version: tuple[int, int], *, show_disabled: bool
) -> Iterator[tuple[int, str]]:
    """Write the entries one by one, their children in the DTD's order."""
    for qid in qids:
        entry = sim.vulnerabilities.read(qid)
        if entry is None:
            continue
        code_modified = entry.code_modified if version >= (3, 0) else None
        yield (
            entry.qid,
            "      <VULN>\n"
            + markup.lines(
                8,
                markup.element("QID", entry.qid),
                markup.element("VULN_TYPE", entry.type),
                markup.element("SEVERITY_LEVEL", entry.severity),
                markup.cdata_element("TITLE", entry.title),
                markup.element("CATEGORY", entry.category),
                markup.dated("LAST_SERVICE_MODIFICATION_DATETIME", entry.service_modified),
                markup.dated("PUBLISHED_DATETIME", entry.published),
                markup.dated("CODE_MODIFIED_DATETIME", code_modified),
                _references("BUGTRAQ", "http://www.securityfocus.com/bid/", [str(number) for number in entry.bugtraqs]),
                markup.flag("PATCHABLE", entry.patchable),
                _references("CVE", "http://cve.mitre.org/cgi-bin/cvename.cgi?name=", entry.cves),
                markup.cdata_element("DIAGNOSIS", entry.diagnosis),
                markup.cdata_element("CONSEQUENCE", entry.consequence),
                markup.cdata_element("SOLUTION", entry.solution),
                markup.flag("PCI_FLAG", entry.severity >= 3),
                _discovery(entry),
                markup.flag("IS_DISABLED", entry.disabled) if show_disabled else "",
            )
            + "      </VULN>\n",
        )


def _references(name: str, url: str, numbers: Sequence[str]) -> str:
    """Write a CVE_LIST or BUGTRAQ_LIST, nothing if it is empty."""
    items = "".join(
        f"<{name}>{markup.cdata_element('ID', number)}{markup.cdata_element('URL', url + number)}</{name}>"
        for number in numbers
    )
    return f"<{name}_LIST>{items}</{name}_LIST>" if items else ""


def _discovery(entry: SimVulnerability) -> str:
    """Write DISCOVERY: whether a remote scan can test the QID, and with which logins."""
    types = "".join(markup.element("AUTH_TYPE", name) for name in entry.auth_types)
    listed = f"<AUTH_TYPE_LIST>{types}</AUTH_TYPE_LIST>" if types else ""
    return f"<DISCOVERY>{markup.flag('REMOTE', entry.remote)}{listed}</DISCOVERY>"
