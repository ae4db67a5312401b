"""A small subscription and a device that pulls it: three scanned hosts, each with one finding of three QIDs."""

from datetime import UTC, datetime, timedelta

from end_to_end_program import run
from vatriage_simulator.subscription import Subscription

NOW = datetime(2026, 11, 20, 2, tzinfo=UTC)
OLD = NOW - timedelta(days=900)


def make_subscription():
    sim = Subscription(NOW)
    sim.account("reader", "right")
    for qid, cve in ((99000, "CVE-2026-10000"), (99001, "CVE-2026-20000"), (99002, "CVE-2026-20000")):
        sim.vulnerability(
            qid, title="t", cves=[cve], published=OLD, service_modified=OLD, remote=True, auth_types=["Unix"]
        )  # fmt: skip
    for last in (7, 8, 9):
        host = sim.host(f"10.1.0.{last}", os="Linux").scanned(NOW - timedelta(hours=1), authenticated=True)
        host.detect(qid=99000, port=443, protocol="tcp", type="Confirmed")
    return sim


def add_device(home, server, password="right", name="d"):
    done = run(
        home, "device", "add", name, "--url", server.address, "--login", "reader", "--password-stdin", "--ca-file",
        server.ca_file, "--complete-checks", "yes", "--activate", stdin=password + "\n",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
