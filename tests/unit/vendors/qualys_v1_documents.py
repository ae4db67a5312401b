"""Small documents of the v1 API and its report templates, of our own making, for the tests of this folder."""

from unit.vendors.qualys_documents import DECLARATION, elements

REF = "scan/1772006400.12345"
LAUNCHED = 1772006400
"""2026-02-25T08:00:00Z, which the ref tells as well."""
ENDED = LAUNCHED + 3723

DOCTYPE = b'<!DOCTYPE SCAN SYSTEM "https://qualysapi.example/scan-1.dtd">\n'
NOTICE = b"<!-- CONFIDENTIAL AND PROPRIETARY INFORMATION. //-->\n"

PORTS = "<![CDATA[Port\tIANA Assigned Ports/Services\tDescription\tService Detected\n22\tssh\tSSH\tssh\n443\thttps\tWeb\thttp over ssl\n]]>"


def header(**keys: str | None) -> str:
    """Return a HEADER with usual keys, changed or left out as said."""
    usual: dict[str, str | None] = {
        "USERNAME": "someone",
        "DATE": "2026-02-25T08:00:00Z",
        "TITLE": "<![CDATA[Weekly]]>",
        "TARGET": "<![CDATA[10.0.0.1-10.0.0.9]]>",
        "EXCLUDED_TARGET": "<![CDATA[N/A]]>",
        "DURATION": "01:02:03",
        "NBHOST_ALIVE": "1",
        "NBHOST_TOTAL": "9",
        "OPTIONS": "<![CDATA[Full TCP scan, Windows Authentication ON]]>",
        "STATUS": "FINISHED",
    }
    lines = "".join(
        f'<KEY value="{name}">{value}</KEY>\n' for name, value in (usual | keys).items() if value is not None
    )
    profile = '<OPTION_PROFILE_TITLE option_profile_default="0"><![CDATA[Initial Options]]></OPTION_PROFILE_TITLE>'
    return f"<HEADER>\n{lines}<OPTION_PROFILE>{profile}</OPTION_PROFILE></HEADER>\n"


def finding(name: str = "VULN", qid: str | int | None = 38170, cves: str = "", **fields: str | int | None) -> str:
    """Return a VULN, PRACTICE, INFO or SERVICE."""
    number = "" if qid is None else f'number="{qid}" '
    listed = f'cveid="{cves}"' if cves else ""
    usual: dict[str, str | int | None] = {"TITLE": "<![CDATA[T]]>", "RESULT": "<![CDATA[found]]>"}
    return f'<{name} {number}severity="3" {listed}>{elements(**(usual | fields))}</{name}>\n'


def category(*findings: str, port: str | None = "443", protocol: str | None = "tcp", misc: str | None = None) -> str:
    """Return a CAT."""
    named = (("port", port), ("protocol", protocol), ("misc", misc))
    attributes = "".join(f' {name}="{value}"' for name, value in named if value is not None)
    return f'<CAT value="Web server"{attributes}>\n{"".join(findings)}</CAT>\n'


def section(name: str, *categories: str) -> str:
    """Return VULNS, PRACTICES, INFOS or SERVICES."""
    return f"<{name}>\n{''.join(categories)}</{name}>\n"


def scanned(
    address: str = "10.0.0.1", *sections: str, name: str = "a.example", status: str | None = "Finish", **fields: str
) -> str:
    """Return an IP."""
    ended = f' status="{status}"' if status is not None else ""
    return f'<IP value="{address}" name="{name}"{ended}>\n{elements(**fields)}{"".join(sections)}</IP>\n'


def vulnerable(address: str = "10.0.0.1", qid: int = 38170) -> str:
    """Return an IP with one confirmed vulnerability."""
    return scanned(address, section("VULNS", category(finding(qid=qid))))


def scan(*parts: str | bytes, ref: str = REF) -> bytes:
    """Return a SCAN of the given parts, HEADER among them where it shall stand."""
    body = b"".join(part.encode() if isinstance(part, str) else part for part in parts)
    return DECLARATION + DOCTYPE + f'<SCAN value="{ref}">\n'.encode() + body + b"</SCAN>\n" + NOTICE


def saved_scan(*hosts: str | bytes, alive: int | None = None, **keys: str | None) -> bytes:
    """Return a saved report."""
    return scan(header(NBHOST_ALIVE=str(len(hosts) if alive is None else alive), **keys), *hosts)


def streamed_scan(*hosts: str | bytes, **keys: str | None) -> bytes:
    """Return a report as it comes while the scan runs: keep-alives, and HEADER last."""
    alive = "<!-- keep-alive -->\n"
    return scan(alive, alive, *(part for host in hosts for part in (host, alive)), header(**keys))


def vuln_info(qid: str | int = 38170, **fields: str | int | None) -> str:
    """Return a VULN_INFO with usual fields, changed or left out as said."""
    usual: dict[str, str | int | None] = {
        "TYPE": "Vuln",
        "PORT": 443,
        "SERVICE": "https",
        "PROTOCOL": "tcp",
        "SSL": "true",
        "RESULT": "<![CDATA[found]]>",
        "FIRST_FOUND": "2026-01-01T00:00:00Z",
        "LAST_FOUND": "2026-02-25T08:00:00Z",
        "TIMES_FOUND": 2,
        "VULN_STATUS": "Active",
    }
    return f'<VULN_INFO><QID id="qid_{qid}">{qid}</QID>{elements(**(usual | fields))}</VULN_INFO>\n'


def asset(address: str = "10.0.0.1", *findings: str, **fields: str) -> str:
    """Return a HOST of an asset data report."""
    return (
        f"<HOST><IP>{address}</IP><TRACKING_METHOD>IP</TRACKING_METHOD>{elements(**fields)}"
        f"<VULN_INFO_LIST>{''.join(findings)}</VULN_INFO_LIST></HOST>\n"
    )


def details(qid: str | int = 38170, severity: str | int = 4, cves: tuple[str, ...] = ("CVE-2026-10000",)) -> str:
    """Return a VULN_DETAILS of the glossary."""
    listed = "".join(f"<CVE_ID><ID><![CDATA[{cve}]]></ID><URL><![CDATA[u]]></URL></CVE_ID>" for cve in cves)
    return (
        f'<VULN_DETAILS id="qid_{qid}"><QID id="qid_{qid}">{qid}</QID><TITLE><![CDATA[A &amp; B]]></TITLE>'
        f"<SEVERITY>{severity}</SEVERITY><CATEGORY>CGI</CATEGORY><SOLUTION><![CDATA[<P>patch</P>]]></SOLUTION>"
        f"<CVE_ID_LIST>{listed}</CVE_ID_LIST><LAST_UPDATE>2020-01-01T00:00:00Z</LAST_UPDATE></VULN_DETAILS>\n"
    )


def asset_report(hosts: str = "", glossary: str = "", *, total: int = 1, filters: str = "Status:New, Active") -> bytes:
    """Return an ASSET_DATA_REPORT."""
    listed = f"<HOST_LIST>{hosts}</HOST_LIST>" if hosts else ""
    explained = f"<GLOSSARY><VULN_DETAILS_LIST>{glossary}</VULN_DETAILS_LIST></GLOSSARY>" if glossary else ""
    text = f"""<!DOCTYPE ASSET_DATA_REPORT SYSTEM "https://qualysguard.example/asset_data_report.dtd">
<ASSET_DATA_REPORT><HEADER><COMPANY><![CDATA[C]]></COMPANY>
<GENERATION_DATETIME>2026-03-01T00:00:00Z</GENERATION_DATETIME>
<TARGET><COMBINED_IP_LIST><RANGE><START>10.0.0.9</START><END>10.0.0.1</END></RANGE></COMBINED_IP_LIST></TARGET>
<RISK_SCORE_SUMMARY><TOTAL_VULNERABILITIES>{total}</TOTAL_VULNERABILITIES></RISK_SCORE_SUMMARY></HEADER>
<RISK_SCORE_PER_HOST><HOSTS><IP_ADDRESS>10.0.0.1</IP_ADDRESS><SECURITY_RISK>1.8</SECURITY_RISK></HOSTS></RISK_SCORE_PER_HOST>
{listed}{explained}<APPENDICES><TEMPLATE_DETAILS><FILTER_SUMMARY>
{filters}
</FILTER_SUMMARY></TEMPLATE_DETAILS></APPENDICES></ASSET_DATA_REPORT>"""
    return DECLARATION + b"\n" + text.encode() + b"\n" + NOTICE


def knowledge_base_v1(*entries: str) -> bytes:
    """Return a VULNS of knowledgebase_download.php."""
    doctype = '<!DOCTYPE VULNS SYSTEM "https://qualysapi.example/knowledgebase_download.dtd">\n'
    return DECLARATION + f"{doctype}<VULNS>\n{''.join(entries)}</VULNS>\n".encode()


def entry_v1(
    qid: str | int = 38170, cves: tuple[str, ...] = ("CVE-2026-10000",), bugtraqs: tuple[str, ...] = ()
) -> str:
    """Return a VULN of the v1 KnowledgeBase."""
    listed = "".join(f"<CVE_ID><ID><![CDATA[{cve}]]></ID></CVE_ID>" for cve in cves)
    tracked = "".join(f"<BUGTRAQ_ID><ID><![CDATA[{number}]]></ID></BUGTRAQ_ID>" for number in bugtraqs)
    return (
        f"<VULN><QID>{qid}</QID><VULN_TYPE>Vulnerability</VULN_TYPE><SEVERITY_LEVEL>4</SEVERITY_LEVEL>"
        f"<TITLE><![CDATA[T]]></TITLE><CATEGORY>CGI</CATEGORY><LAST_UPDATE><![CDATA[2009-06-15T18:32:21Z]]></LAST_UPDATE>"
        f"<BUGTRAQ_ID_LIST>{tracked}</BUGTRAQ_ID_LIST><PATCHABLE>1</PATCHABLE><CVE_ID_LIST>{listed}</CVE_ID_LIST></VULN>\n"
    )


def generic_return(text: str, *, status: str = "FAILED", number: str | None = "2001", nested: bool = False) -> bytes:
    """Return a GENERIC_RETURN; nested as some answers have it: RETURN inside API, its text in MESSAGE."""
    code = f' number="{number}"' if number is not None else ""
    api = '<API name="scan_report_list.php" username="someone" at="2026-02-25T08:00:00Z"'
    if nested:
        body = f'{api}><RETURN status="{status}"{code}><MESSAGE>\n{text}\n</MESSAGE></RETURN></API>'
    else:
        body = f'{api}/><RETURN status="{status}"{code}>\n{text}\n</RETURN>'
    doctype = '<!DOCTYPE GENERIC_RETURN SYSTEM "https://qualysapi.example/generic_return.dtd">'
    return DECLARATION + f"{doctype}<GENERIC_RETURN>{body}</GENERIC_RETURN>".encode()
