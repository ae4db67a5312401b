import pytest

from unit.vendors.qualys_documents import detection, detections_answer, host, read
from vatriage.model.evidence import NO_PORT, Kind, Status


def one(*, qid=38170, **fields):
    """Read a detection; returns its row (None if it was left out), the host's row and the rejects."""
    found = read(detections_answer(host(1, detection(qid, **fields))))
    return (found.detections or [None])[0], found.hosts[0], found.rejects


def test_a_detection_is_read():
    row, _, rejects = one(
        INSTANCE="i1",
        RESULTS="<![CDATA[\n a\tb \n]]>",
        FIRST_FOUND_DATETIME="2026-01-01T00:00:00Z",
        LAST_FOUND_DATETIME="2026-01-02T00:00:00Z",
        LAST_TEST_DATETIME="2026-01-03T00:00:00Z",
        LAST_FIXED_DATETIME="2026-01-04T00:00:00Z",
        LAST_UPDATE_DATETIME="2026-01-05T00:00:00Z",
        LAST_PROCESSED_DATETIME="2026-01-06T00:00:00Z",
        TIMES_FOUND=7,
        QDS=95,
        IS_IGNORED=1,
        IS_DISABLED=0,
        SERVICE="https",
        FQDN="a.example",
    )

    day = 86_400
    assert row == {
        "host": 0,
        "qid": 38170,
        "kind": Kind.CONFIRMED,
        "qualys_severity": 3,
        "port": 443,
        "protocol": 6,
        "ssl": True,
        "instance": "i1",
        "status": Status.ACTIVE,
        "first_found": 1767225600,
        "last_found": 1767225600 + day,
        "last_test": 1767225600 + 2 * day,
        "last_fixed": 1767225600 + 3 * day,
        "last_update": 1767225600 + 4 * day,
        "last_processed": 1767225600 + 5 * day,
        "times_found": 7,
        "qds": 95,
        "ignored": True,
        "disabled": False,
        "service": "https",
        "fqdn": "a.example",
        "results": "a\tb",
    }
    assert rejects == []


@pytest.mark.parametrize(
    ("written", "kind"),
    [
        ("Confirmed", Kind.CONFIRMED),
        ("VULN", Kind.CONFIRMED),
        ("potential", Kind.POTENTIAL),
        ("Practice", Kind.POTENTIAL),
        ("Info", Kind.INFORMATION),
        ("Information Gathered", Kind.INFORMATION),
        ("Ig", Kind.INFORMATION),
        (None, Kind.POTENTIAL),
        ("", Kind.POTENTIAL),
    ],
)
def test_types_are_kinds(written, kind):
    row, _, rejects = one(TYPE=written)

    assert (row["kind"], rejects) == (kind, [])


def test_an_unknown_type_confirms_nothing_and_is_told():
    row, host_row, rejects = one(TYPE="Suspected")

    assert (row["kind"], host_row["rejected"]) == (Kind.POTENTIAL, False)
    assert rejects[0].problem == "TYPE 'Suspected' cannot be read: the field was repaired"


@pytest.mark.parametrize(
    ("written", "status"),
    [("New", 1), ("active", 2), ("Re-Opened", 3), ("Reopened", 3), ("Fixed", 4), (None, 2), ("", 2)],
)
def test_statuses_are_read(written, status):
    assert one(STATUS=written)[0]["status"] == status


@pytest.mark.parametrize(
    ("written", "port"), [(None, NO_PORT), ("", NO_PORT), ("0", NO_PORT), (" 22\n", 22), ("65535", 65535)]
)
def test_ports_are_read(written, port):
    assert one(PORT=written)[0]["port"] == port


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("PORT", "65536"),
        ("PORT", "-1"),
        ("PORT", "http"),
        ("PORT", "4_4"),
        ("PORT", "\u0664\u0664"),
        ("PORT", "9" * 30),
        ("STATUS", "Gone"),
        ("QID", "0"),
        ("QID", "-5"),
        ("QID", "qid_5"),
        ("QID", "1" * 19),
    ],
)
def test_a_detection_that_says_something_else_is_left_out_and_told(field, value):
    bad = detection(**{"qid" if field == "QID" else field: value})

    found = read(detections_answer(host(1, detection(11), bad, detection(33)), host(2, detection(22))))

    assert [(row["host"], row["qid"]) for row in found.detections] == [(0, 11), (0, 33), (1, 22)]
    assert [row["rejected"] for row in found.hosts] == [True, False]
    (reject,) = found.rejects
    assert reject.subject.startswith("host 1 (10.0.0.1), ")
    assert reject.problem == f"{field} {value!r} cannot be read: the detection was left out"
    assert reject.raw.decode() == bad


@pytest.mark.parametrize("qid", [None, ""])
def test_a_detection_without_a_qid_is_left_out(qid):
    row, host_row, rejects = one(qid=qid)

    assert (row, host_row["rejected"]) == (None, True)
    assert rejects[0].problem == "it has no QID: the detection was left out"


@pytest.mark.parametrize(
    ("field", "value", "column", "neutral"),
    [
        ("LAST_FOUND_DATETIME", "yesterday", "last_found", 0),
        ("LAST_FOUND_DATETIME", "0000-00-00T00:00:00Z", "last_found", 0),
        ("LAST_FOUND_DATETIME", "1969-12-31T23:59:59Z", "last_found", 0),
        ("LAST_FOUND_DATETIME", "0001-01-01T00:00:00+14:00", "last_found", 0),
        ("SEVERITY", "9", "qualys_severity", 0),
        ("TIMES_FOUND", "3000000000", "times_found", 0),
    ],
)
def test_an_unreadable_field_is_repaired_and_told(field, value, column, neutral):
    row, host_row, rejects = one(**{field: value})

    assert (row[column], host_row["rejected"]) == (neutral, False)
    assert [reject.problem for reject in rejects] == [f"{field} {value!r} cannot be read: the field was repaired"]


@pytest.mark.parametrize(
    "written", ["2026-05-01T02:00:00+02:00", "2026-05-01", "2026-05-01T00:00:00", " 2026-05-01T00:00:00.000Z\n"]
)
def test_other_spellings_of_an_instant_are_read(written):
    row, _, rejects = one(LAST_FOUND_DATETIME=written)

    assert (row["last_found"], row["first_found"], rejects) == (1777593600, 1767225600, [])


@pytest.mark.parametrize(("written", "number"), [("TCP", 6), ("udp", 17), ("icmp", 1), ("", 0), (None, 0), ("x", 0)])
def test_protocols_are_numbers(written, number):
    assert one(PROTOCOL=written)[0]["protocol"] == number


@pytest.mark.parametrize(
    ("written", "ssl"), [("1", True), ("yes", True), ("TRUE", True), ("0", False), ("no", False), (None, False)]
)
def test_ssl_is_read(written, ssl):
    assert one(SSL=written)[0]["ssl"] is ssl


def test_a_host_without_id_and_ip_is_left_out_with_its_detections():
    found = read(
        detections_answer(
            host(1, detection(11)), host("x", detection(22), ip="y"), host(None, detection(33), ip="::ffff:10.0.0.3")
        )
    )

    assert [(row["host_id"], row["address"]) for row in found.hosts] == [(1, "10.0.0.1"), (0, "10.0.0.3")]
    assert [(row["host"], row["qid"]) for row in found.detections] == [(0, 11), (1, 33)]
    assert [(reject.subject, reject.problem) for reject in found.rejects] == [
        ("host without readable ID and IP", "neither its ID nor its IP can be read: the record was left out")
    ]


def test_a_bad_address_is_told_and_the_host_kept_by_its_id():
    found = read(detections_answer(host(5, detection(11), ip="10.0.0.256")))

    assert (found.hosts[0]["address"], found.hosts[0]["rejected"], len(found.detections)) == ("", False, 1)
    assert [reject.problem for reject in found.rejects] == ["IP '10.0.0.256' cannot be read: the field was left empty"]


def test_open_ports_come_from_the_lists_of_open_services():
    tcp = "Port\tIANA Assigned Ports/Services\tService\n22\tssh\tssh\n 443 \thttps\thttp over ssl\n22\tagain\t\n"
    scanned = "2026-05-01T00:00:00Z"
    odd = "70000\tx\n0\tx\n-5\tx\n4 4\tx\nx\t80\n\u0664\tx\n53\tdomain\n"
    found = read(
        detections_answer(
            host(
                1, detection(82023, TYPE="Info", PORT=None, RESULTS=f"<![CDATA[{tcp}]]>"), LAST_VM_SCANNED_DATE=scanned
            ),
            host(
                2,
                detection(82004, TYPE="Info", PORT=None, RESULTS=f"<![CDATA[{odd}]]>"),
                detection(82023, STATUS="Fixed", RESULTS="80\thttp"),
                detection(5, RESULTS="81\thttp"),
                LAST_VM_SCANNED_DATE=scanned,
            ),
            host(
                3,
                detection(82023, TYPE="Info", PORT=None, RESULTS="80\tx"),
                LAST_VM_SCANNED_DATE="2026-05-02T00:00:00Z",
            ),
        )
    )

    assert found.open_ports == [
        {"host": 0, "protocol": 6, "port": 22},
        {"host": 0, "protocol": 6, "port": 443},
        {"host": 1, "protocol": 17, "port": 53},
    ]
