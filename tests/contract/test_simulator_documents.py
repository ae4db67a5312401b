"""The simulator's documents against real ones: the same elements, in the same order, and the same vocabulary."""

# ruff: noqa: S314 - the simulator's own documents and a fixed corpus

import base64
import http.client
import json
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path
from xml.etree import ElementTree as ET  # noqa: TID251 - the tests read what the simulator and the service wrote

import pytest

from vatriage_simulator.server import SimulatorServer
from vatriage_simulator.subscription import Subscription

CORPUS = Path(__file__).parents[2] / "../shared/corpus/qualys"
NOW = datetime(2026, 5, 3, 10, 0, tzinfo=UTC)
RECORDED = "JupiterOne-Archives+graph-qualys/src"
SAMPLES = "Amitgb14+pyqualys/pyqualys/tests/contract_tests/vendor_samples.extracted"

REF = f"scan/{int((NOW - timedelta(days=1)).timestamp())}.10001"
INFRASCAN = "DefectDojo+django-DefectDojo/unittests/scans/qualys_infrascan_webgui/qualys_infrascan_webgui"
CASSETTES = "mikemackintosh+ruby-qualys/spec/fixtures/vcr_cassettes"

DOCUMENTS = {
    f"/msp/scan_report.php?ref={REF}": tuple(f"{INFRASCAN}_{name}.xml" for name in ("0", "1", "3", "multiple")),
    "/api/3.0/fo/scan/?action=list": (f"{SAMPLES}/scan_list_output.xml", f"{CASSETTES}/scans.extracted/00-200.xml"),
    "/api/2.0/fo/scan/?action=list&target=192.0.2.99": (f"{CASSETTES}/emptyscans.extracted/00-200.xml",),
    "/api/2.0/fo/asset/host/vm/detection/?action=list": (
        "JupiterOne-Archives+graph-qualys/test/fixtures/detections.xml",
        "demisto+content/Packs/qualys/Integrations/Qualysv2/test_data/host_list_detections_raw.excerpt.xml",
    ),
    "/api/5.0/fo/asset/host/vm/detection/?action=list": (f"{SAMPLES}/host_list_vm_detection_output.xml",),
    "/api/5.0/fo/asset/host/vm/detection/?action=list&truncation_limit=1": (
        f"{SAMPLES}/host_list_vm_detection_truncated.xml",
    ),
    "/api/4.0/fo/asset/host/?action=list": (f"{SAMPLES}/host_list_output_final_page.xml",),
    "/api/4.0/fo/asset/host/?action=list&truncation_limit=1": (f"{SAMPLES}/host_list_output_truncated.xml",),
    "/api/2.0/fo/asset/host/?action=list&details=None&ids=1001": (
        f"{RECORDED}/provider/__recordings__/fetchHostDetails_2031643069/extracted/00-200.xml",
    ),
    "/api/2.0/fo/asset/host/?action=list&ids=77": (
        f"{RECORDED}/steps/__tests__/__recordings__/steps_741716276/extracted/05-200.xml",
    ),
    "/api/2.0/fo/knowledge_base/vuln/?action=list": (
        f"{RECORDED}/provider/__recordings__/iterateVulnerabilities_939003581/extracted/00-200.xml",
        f"{RECORDED}/steps/__tests__/__recordings__/steps_741716276/extracted/06-200.xml",
    ),
    "/api/2.0/fo/asset/host/vm/detection/?action=list&ids=abc123": (
        f"{RECORDED}/provider/__recordings__/iterateHostDetectionsBadId_4219405639/extracted/00-400.xml",
    ),
    "/api/2.0/fo/asset/host/": ("mikemackintosh+ruby-qualys/spec/fixtures/vcr_cassettes/wrong.extracted/01-400.xml",),
}
"""Our call: the real bodies that it must look like."""

NOT_SIMULATED = {
    "ASSET_GROUP_LIST", "CLOUD_PROVIDER", "COMPLIANCE_LIST", "CORRELATION", "CVSS", "CVSS_V3", "EC2_INSTANCE_ID",
    "LAST_PC_SCANNED_DATE", "PCI_REASONS", "SOFTWARE_LIST", "SUPPORTED_MODULES", "THREAT_INTELLIGENCE",
    "VENDOR_REFERENCE_LIST", "ADDITIONAL_INFO", "AUTOMATIC_PCI_FAIL", "CVSS_BASE", "CVSS_TEMPORAL",
}  # fmt: skip
"""What real bodies have and the simulator does not write."""


@pytest.fixture(scope="module")
def server():
    """A subscription that has every element the simulator knows."""
    sim = Subscription(NOW)
    sim.account("acme_ab1", "bait")
    sim.vulnerability(
        38170, cves=["CVE-2020-0001"], bugtraqs=[1], diagnosis="d", consequence="c", solution="s", auth_types=["Unix"]
    )
    for number in (1, 2):
        host = sim.host(
            f"10.0.0.{number}", os="o", dns="h.example", netbios="H", network_id=3, network_name="n", agent_id="a"
        )
        host.scanned(NOW - timedelta(days=1), authenticated=True)
        host.detect(38170, port=443, ssl=True, results="r", fqdn="h.example", service="https", instance="i")
        host.detect(38171, type="Potential")
        host.detect(6, type="Info")
        host.detect(82023, type="Info", results="Port\tIANA\n443\thttps")
    sim.scan("weekly", taken=NOW - timedelta(days=1), appliance="hq", asset_groups=["HQ"])
    sim.scan("nobody", targets="192.0.2.1")
    with SimulatorServer(sim) as running:
        yield running


def ask(server, target):
    """Return the document element of a call's answer."""
    return ET.fromstring(read(server, target))


def read(server, target):
    """Return the body of a call's answer."""
    trust = ssl.create_default_context(cafile=str(server.ca_file))
    connection = http.client.HTTPSConnection(server.address, context=trust, timeout=5)
    token = base64.b64encode(b"acme_ab1:bait").decode()
    connection.request("GET", target, headers={"Authorization": f"Basic {token}", "X-Requested-With": "test"})
    body = connection.getresponse().read()
    connection.close()
    return body


def real(name):
    """Return the document element of a real body."""
    path = CORPUS / name
    if not path.exists():
        pytest.skip("no corpus beside the checkout")
    return ET.fromstring(path.read_bytes().strip())


def orders(root):
    """Return for each element name the pairs of its children's names that were seen one before the other."""
    found = {}
    for parent in root.iter():
        names = list(dict.fromkeys(child.tag for child in parent))
        pairs = found.setdefault(parent.tag, set())
        pairs.update((first, last) for place, first in enumerate(names) for last in names[place + 1 :])
    return found


CASES = [(target, name) for target, names in DOCUMENTS.items() for name in names]


@pytest.mark.parametrize(("target", "name"), CASES)
def test_the_simulator_writes_every_element_of_the_real_body(server, target, name):
    theirs, ours = real(name), ask(server, target)

    dropped = {element.tag for parent in theirs.iter() if parent.tag in NOT_SIMULATED for element in parent.iter()}
    missing = {element.tag for element in theirs.iter()} - {element.tag for element in ours.iter()} - dropped
    assert (ours.tag, missing) == (theirs.tag, set())


@pytest.mark.parametrize(("target", "name"), CASES)
def test_no_two_elements_stand_the_other_way_round(server, target, name):
    theirs, ours = orders(real(name)), orders(ask(server, target))

    turned = {
        (parent, first, last)
        for parent, pairs in ours.items()
        for first, last in pairs
        if (last, first) in theirs.get(parent, set()) and (first, last) not in theirs[parent]
    }
    assert turned == set()


def children(document, path):
    """The names of an element's children, in order and once."""
    return list(dict.fromkeys(child.tag for child in document.find(path)))


def test_the_keys_of_a_report_are_those_of_the_real_ones_in_their_order(server):
    theirs = [key.attrib["value"] for key in real(f"{INFRASCAN}_multiple.xml").find("HEADER").iter("KEY")]

    ours = [key.attrib["value"] for key in ask(server, f"/msp/scan_report.php?ref={REF}").find("HEADER").iter("KEY")]

    assert ours == theirs


def test_a_report_follows_the_content_model_of_scan_1(server):
    saved = ask(server, f"/msp/scan_report.php?ref={REF}")
    streamed = ask(server, "/msp/scan.php?ip=10.0.0.1-10.0.0.2&iscanner_name=hq")

    assert children(saved, ".") == ["HEADER", "IP"]
    assert children(streamed, ".") == ["IP", "HEADER"]
    assert children(saved, "HEADER") == ["KEY", "ASSET_GROUPS", "OPTION_PROFILE"]
    for document in (saved, streamed):
        assert children(document, "IP") == ["OS", "NETBIOS_HOSTNAME", "INFOS", "SERVICES", "VULNS", "PRACTICES"]
        assert children(document, ".//VULN") == [
            "TITLE",
            "LAST_UPDATE",
            "CVSS3_BASE",
            "CVSS3_TEMPORAL",
            "PCI_FLAG",
            "INSTANCE",
            "CVE_ID_LIST",
            "BUGTRAQ_ID_LIST",
            "DIAGNOSIS",
            "CONSEQUENCE",
            "SOLUTION",
            "RESULT",
        ]


def test_brief_results_have_the_keys_of_the_real_ones(server):
    path = CORPUS / CASSETTES / "get.extracted/00-200.json"
    if not path.exists():
        pytest.skip("no corpus beside the checkout")
    theirs = {tuple(row) for row in json.loads(path.read_bytes())}

    body = read(server, f"/api/2.0/fo/scan/?action=fetch&scan_ref={REF}&output_format=json&mode=brief")

    assert {tuple(row) for row in json.loads(body)} == theirs


def test_the_knowledge_base_follows_the_order_of_the_dtd(server):
    dtd = CORPUS / "knowledge_base_vuln_list_output.dtd"
    if not dtd.exists():
        pytest.skip("no corpus beside the checkout")
    declared = next(line for line in dtd.read_text().splitlines() if line.startswith("<!ELEMENT VULN ("))
    order = [name.strip(" ?)>") for name in declared.partition("(")[2].split(",")]

    ours = [child.tag for child in ask(server, "/api/2.0/fo/knowledge_base/vuln/?action=list").find(".//VULN")]

    assert ours == [name for name in order if name in ours]
