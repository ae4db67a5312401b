"""A device's URL: which server, and which report query (pure).

Three kinds: the server alone (host lists, detections and KnowledgeBase by the current API), the last saved report, and
a real-time report. The last two are the seed's, spelled as it spells them: no scheme, `msp` (or, with a warning, `mssp`).
Source: the seed, "Add and Configure", step 4; the API v1 guide's functions as clients call them.
"""

import re
from urllib.parse import parse_qsl, urlencode

from vatriage.model.instant import parse_instant
from vatriage.vendors.interface import QueryKind, ReportQuery, RequestRefusedError
from vatriage.vendors.qualys.scan_targets import ScanTargets, parse_targets

_URL = re.compile(
    r"(?:(?P<scheme>[A-Za-z][A-Za-z0-9+.\-]*)://)?(?P<server>[^/?#]*)(?P<path>/[^?#]*)?(?:\?(?P<query>[^#]*))?"
)
_SERVER = re.compile(r"([A-Za-z0-9](?:[A-Za-z0-9.\-]*[A-Za-z0-9])?\.?|\[[0-9A-Fa-f:.]+\])(?::(\d{1,5}))?")
_REF = re.compile(r"scan/\d+\.\d+")
_PARAMETERS = {
    "scan_report_list.php": ("last", "target", "since_datetime"),
    "scan_report.php": ("ref",),
    "scan.php": (
        "ip", "asset_groups", "iscanner_name", "default_scanner", "option", "specific_vulns", "save_report", "scan_title",
    ),
}  # fmt: skip
_KINDS = {
    "scan_report_list.php": QueryKind.LAST_SAVED,
    "scan_report.php": QueryKind.SAVED,
    "scan.php": QueryKind.REAL_TIME,
}
_YES_NO = ("last", "default_scanner", "save_report")
_EXAMPLES = (
    "Write the server alone (qualysapi.example.com), SERVER/msp/scan_report_list.php?last=yes, or "
    "SERVER/msp/scan.php?ip=ADDRESSES."
)


def parse_query(url: str) -> ReportQuery:
    """Return the report query of a device's URL.

    Raises:
        RequestRefusedError: the URL is none of ours; the message names the part, `ip` the character.
    """
    found = _URL.fullmatch(url.strip())
    if found is None or (found["scheme"] or "https").lower() != "https":
        raise RequestRefusedError(
            f"The URL {url!r} is not taken: plain http and other schemes are not used.", _EXAMPLES
        )
    server = _server(url, found["server"])
    path = (found["path"] or "/").rstrip("/")
    if not path:
        if found["query"]:
            raise RequestRefusedError(f"The URL {url!r} has parameters but names no function.", _EXAMPLES)
        return ReportQuery(kind=QueryKind.CURRENT, server=server)
    folder, _, function = path[1:].rpartition("/")
    if folder.lower() not in ("msp", "mssp") or function not in _PARAMETERS:
        raise RequestRefusedError(f"The URL {url!r} asks for {path}, which is no report query.", _EXAMPLES)
    parameters = _parameters(url, function, found["query"] or "")
    targets = _checked(function, parameters)
    return ReportQuery(
        kind=_KINDS[function],
        server=server,
        parameters=parameters,
        scan_addresses=targets.count if targets else 0,
        warnings=tuple(_warnings(folder, function, parameters, targets)),
    )


def written_query(kind: QueryKind, server: str, addresses: str, appliance: str) -> str:
    """Return the URL that asks for something, spelled as the seed spells it."""
    function = next((name for name, known in _KINDS.items() if known is kind), "")
    parameters = {"last": "yes"} if kind is QueryKind.LAST_SAVED else {}
    if kind is QueryKind.REAL_TIME:
        parameters = {"ip": "".join(addresses.split())} | ({"iscanner_name": appliance} if appliance else {})
    query = urlencode(parameters, safe=",-")
    return server + (f"/msp/{function}" if function else "") + (f"?{query}" if query else "")


def _server(url: str, text: str) -> str:
    found = _SERVER.fullmatch(text)
    if found is None or (found[2] and not 0 < int(found[2]) < 65_536):
        raise RequestRefusedError(f"The URL {url!r} names no server.", _EXAMPLES)
    return text


def _parameters(url: str, function: str, query: str) -> dict[str, str]:
    parameters: dict[str, str] = {}
    for name, value in parse_qsl(query, keep_blank_values=True):
        if name not in _PARAMETERS[function]:
            raise RequestRefusedError(
                f"{function} takes no parameter {name!r} (URL {url!r}).",
                f"It takes {', '.join(_PARAMETERS[function])}.",
            )
        if name in parameters:
            raise RequestRefusedError(f"The URL {url!r} gives {name!r} twice.", "Give it once.")
        parameters[name] = value
    return parameters


def _checked(function: str, parameters: dict[str, str]) -> ScanTargets | None:
    """Return the addresses that a real-time query scans. Raises: RequestRefusedError: a value cannot be meant."""
    for name in _YES_NO:
        if parameters.get(name, "yes") not in ("yes", "no", "0", "1"):
            raise RequestRefusedError(f"{name}={parameters[name]!r} is neither yes nor no.", "")
    if "target" in parameters:
        parse_targets(parameters["target"])
    if "since_datetime" in parameters:
        _check_instant(parameters["since_datetime"])
    if function == "scan_report.php" and not _REF.fullmatch(parameters.get("ref", "")):
        raise RequestRefusedError(
            f"ref={parameters.get('ref', '')!r} names no scan.", "It looks like scan/1282310101.00001."
        )
    if not re.fullmatch(r"(\d{1,9}(-\d{1,9})?)(,\d{1,9}(-\d{1,9})?)*", parameters.get("specific_vulns", "1")):
        raise RequestRefusedError(
            f"specific_vulns={parameters['specific_vulns']!r} is no list of QIDs.", "Write 1001,1005-1010."
        )
    return _targets(parameters) if function == "scan.php" else None


def _targets(parameters: dict[str, str]) -> ScanTargets | None:
    """Return the addresses that a scan's parameters name, None for asset groups, of which only the server knows them."""
    if "ip" in parameters and "asset_groups" in parameters:
        raise RequestRefusedError(
            "scan.php is given ip and asset_groups together: it would scan all addresses of both, however many the groups "
            "hold.",
            "Name addresses in one device and asset groups in another.",
        )
    if "ip" in parameters:
        return parse_targets(parameters["ip"])
    if parameters.get("asset_groups"):
        return None
    raise RequestRefusedError("scan.php names nothing to scan.", "Give ip=ADDRESSES or asset_groups=NAMES.")


def _check_instant(text: str) -> None:
    try:
        parse_instant(text)
    except ValueError:
        raise RequestRefusedError(f"since_datetime={text!r} is no time.", "Write 2026-05-03T00:00:00Z.") from None


def _warnings(folder: str, function: str, parameters: dict[str, str], targets: ScanTargets | None) -> list[str]:
    said = []
    if folder.lower() == "mssp":
        said.append("The path /mssp/ is very probably a misprint of /msp/, which is what will be called.")
    if function == "scan.php" and not (
        parameters.get("iscanner_name") or parameters.get("default_scanner") in ("yes", "1")
    ):
        private = targets.first_private if targets else ""
        if private:
            said.append(
                f"{private} is a private address: only a Scanner Appliance reaches it (iscanner_name=NAME); without one "
                "the server will refuse the scan."
            )
    if function == "scan.php" and parameters.get("specific_vulns"):
        said.append("specific_vulns narrows the scan: its report can confirm a claim, never refute one.")
    return said
