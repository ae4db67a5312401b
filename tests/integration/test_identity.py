"""Leases, virtual addresses and statements in the real store, up to the verdict (ADR 18).

The stage clears an attack of 2 May on 10.0.0.5; people say what they say on 1 May, unless a test says otherwise.
"""

from datetime import UTC, datetime
from io import BytesIO

import pytest

from integration_stage import KNOWN, findings, host, hosts, listed, row, verdict
from integration_store import Store, opened
from vatriage.config import read_config
from vatriage.errors import NotFoundError, UsageError
from vatriage.leases.csv_rows import read_csv
from vatriage.leases.interface import LeaseFileError
from vatriage.model.identity import Said
from vatriage.model.viewer import Who

ANN = Who("ann", "192.0.2.1")
VIRTUAL = "10.0.0.99"
SIGHT, LATER = 1_777_593_600, 1_777_680_000
"""2026-05-01 and 2026-05-02, 00:00 UTC."""


@pytest.fixture
def store(tmp_path, monkeypatch):
    """An empty store on SQLite; one test below runs on both databases."""
    monkeypatch.delenv("VATRIAGE_DATABASE", raising=False)
    with opened(read_config(tmp_path / "home")) as config:
        yield Store(config, tmp_path)


class MayFirst:
    """A clock that stands still on 1 May, noon."""

    def now(self):
        """See Clock.now."""
        return datetime(2026, 5, 1, 12, tzinfo=UTC)


def stage(store, *rows, second_name=""):
    """Take host 1 at 10.0.0.5, clean, and host 2 at 10.0.0.6 with the rows."""
    name = f"<DNS>{second_name}</DNS>" if second_name else ""
    first, second = host(), host(2, "10.0.0.6").replace("</IP>", f"</IP>{name}", 1)
    lists = [listed(row(86000, kind="Info")), listed(row(86000, kind="Info"), *rows, number=2, address="10.0.0.6")]
    store.take(hosts(first, second), findings(*lists), KNOWN)


def leases(store, *lines, zone="default"):
    """Import a table of leases: address, MAC, name, start, end."""
    from vatriage.usecases.leases import import_leases

    table = "\n".join(["address,mac,hostname,start,end", *lines, ""])
    return import_leases(
        BytesIO(table.encode()), file="leases.csv", kind="csv", reader=read_csv, zone=zone, who=ANN,
        clock=store.clock, snapshots=store.config.snapshots,
    )  # fmt: skip


def say(store, number, kind, text="x", *, until=1_900_000_000, zones=None, **changes):
    """State something of a host; return the statement's number."""
    from vatriage.usecases.host_statements import StatementForm, state_of_host

    form = StatementForm(kind=kind, text=text, reason="I looked", valid_until=until, **changes)
    return state_of_host(number, form, who=ANN, zones=zones, clock=MayFirst(), snapshots=store.config.snapshots)


def pool(store, *members, clock=None, zones=None, **changes):
    """Say who stands behind the virtual address; return the pool's number."""
    from vatriage.usecases.virtual_addresses import PoolForm, add_pool

    form = PoolForm(
        **{"zone": "default", "address": VIRTUAL, "port": None, "members": members, "reason": "F5"} | changes
    )
    clock = clock or MayFirst()
    return add_pool(form, who=ANN, zones=zones, clock=clock, snapshots=store.config.snapshots)


def number_at(address):
    """Return the store's number of the host at an address."""
    from vatriage.usecases.lookups import show_host

    return show_host(address, None)[0]["number"]


def audit():
    """Return the last line of the audit log: actor, action, subject."""
    from vatriage.store.bulk import fetch

    return fetch("SELECT actor, action, subject FROM audit ORDER BY id DESC LIMIT 1")[0]


def test_a_lease_of_another_client_after_the_scan_takes_the_clearing_away(store):
    stage(store)
    assert verdict(store) == "NOT_AFFECTED"

    result = leases(store, f"10.0.0.5,00:11:22:33:44:55,,{SIGHT + 3600},{LATER + 3600}", "10.0.0.5,,,x,")

    assert (result.leases, result.rejects, verdict(store)) == (1, 1, "UNKNOWN")
    assert audit() == ("ann", "leases imported", "leases.csv")


def test_both_databases_keep_and_withdraw_the_same(database, tmp_path):
    with opened(read_config(tmp_path / "home")) as config:
        store = Store(config, tmp_path)
        stage(store, row(1000), second_name="web02")
        split, shared = say(store, number_at("10.0.0.5"), Said.NOT_ONE_HOST, "", until=0), pool(store, "10.0.0.5:80")
        leases(store, f"10.0.0.50,,web02,{SIGHT},{LATER}", f"10.0.0.50,,web02,{SIGHT},{LATER}", "x,,,,")
        assert [verdict(store, address=one) for one in (VIRTUAL, "10.0.0.50")] == ["UNKNOWN", "AFFECTED"]
        take_back(store, split)
        assert verdict(store, address=VIRTUAL) == "NOT_AFFECTED"
        withdraw(store, shared)
        assert verdict(store, address=VIRTUAL) == "UNKNOWN"


def take_back(store, statement):
    """Withdraw a statement."""
    from vatriage.usecases.host_statements import withdraw_statement

    withdraw_statement(
        statement, "one again", who=ANN, zones=None, clock=store.clock, snapshots=store.config.snapshots
    )  # fmt: skip


def test_a_lease_of_the_same_client_since_the_scan_takes_nothing_away_and_lasts_as_long_as_it_lasts(store):
    stage(store)

    leases(store, f"10.0.0.5,00:11:22:33:44:55,,{SIGHT - 60},{SIGHT + 60}")
    assert verdict(store) == "UNKNOWN"

    leases(store, f"10.0.0.5,00:11:22:33:44:55,,{SIGHT + 60},{LATER + 60}")
    assert verdict(store) == "NOT_AFFECTED"


def test_leases_taken_in_twice_or_in_another_order_give_the_same_snapshot(store):
    stage(store)
    lines = [f"10.0.0.5,,web{place},{SIGHT + place},{LATER}" for place in range(3)]
    leases(store, *lines)
    once = store.snapshot_files()
    leases(store, *reversed(lines))

    assert once == store.snapshot_files()


def test_a_lease_of_another_zone_says_nothing(store):
    stage(store)

    leases(store, f"10.0.0.5,00:11:22:33:44:55,,{SIGHT + 3600},{LATER + 3600}", zone="other")

    assert verdict(store) == "NOT_AFFECTED"


@pytest.mark.parametrize("by", ["name", "mac"])
def test_a_lease_to_a_susceptible_host_is_joined_by_its_name_or_by_a_mac_that_a_person_states(store, by):
    stage(store, row(1000), second_name="web02.example")
    if by == "mac":
        say(store, number_at("10.0.0.6"), Said.MAC, "0011.2233.4455")

    leases(store, f"10.0.0.50,{'00-11-22-33-44-55,' if by == 'mac' else ',web02'},{SIGHT + 3600},{LATER + 3600}")

    assert verdict(store, address="10.0.0.50") == "AFFECTED"


def test_a_file_of_another_format_leaves_nothing_behind(store):
    from vatriage.usecases.leases import list_lease_imports

    stage(store)
    with pytest.raises(LeaseFileError):
        wrong(store)

    assert (list_lease_imports(None, 10), verdict(store)) == ([], "NOT_AFFECTED")


def wrong(store):
    """Import what is no table of leases."""
    from vatriage.usecases.leases import import_leases

    import_leases(
        BytesIO(b"not,a,table\n1,2,3\n"), file="x", kind="csv", reader=read_csv, zone="default", who=ANN,
        clock=store.clock, snapshots=store.config.snapshots,
    )  # fmt: skip


def test_a_virtual_address_is_cleared_only_by_all_members(store):
    stage(store)
    assert verdict(store, address=VIRTUAL) == "UNKNOWN"

    number = pool(store, "10.0.0.5", "10.0.0.6")
    assert verdict(store, address=VIRTUAL) == "NOT_AFFECTED"
    other = pool(store, "10.0.0.77")
    assert verdict(store, address=VIRTUAL) == "UNKNOWN"

    withdraw(store, other)
    assert verdict(store, address=VIRTUAL) == "NOT_AFFECTED"
    withdraw(store, pool(store, address="10.0.0.6"))
    unknown = pool(store)
    assert verdict(store, address=VIRTUAL) == "UNKNOWN"
    withdraw(store, unknown)
    withdraw(store, number)
    assert verdict(store, address=VIRTUAL) == "UNKNOWN"
    assert audit() == ("ann", "virtual address withdrawn", f"{VIRTUAL} in default")


def withdraw(store, number):
    """Withdraw a pool."""
    from vatriage.usecases.virtual_addresses import withdraw_pool

    withdraw_pool(number, "gone", who=ANN, zones=None, clock=store.clock, snapshots=store.config.snapshots)


def test_a_pool_that_was_entered_after_the_alert_may_raise_and_never_clears(store):
    stage(store, row(1000))
    april = {"clock": store.clock, "valid_from": SIGHT - 86_400}

    pool(store, "10.0.0.5", **april)
    assert verdict(store, address=VIRTUAL) == "UNKNOWN"
    pool(store, "10.0.0.6", **april)
    assert verdict(store, address=VIRTUAL) == "AFFECTED"


def test_a_split_takes_the_clearing_away_until_it_is_withdrawn(store):
    from vatriage.usecases.told_statements import statements_of

    stage(store)
    number = number_at("10.0.0.5")
    said = say(store, number, Said.NOT_ONE_HOST, "", until=0)
    assert verdict(store) == "UNKNOWN"

    take_back(store, said)

    assert verdict(store) == "NOT_AFFECTED"
    (kept,) = statements_of(number)
    assert (kept["author"], kept["reason"], kept["withdrawn_by"], kept["withdrawn_why"]) == (
        "ann",
        "I looked",
        "ann",
        "one again",
    )
    with pytest.raises(UsageError, match="withdrawn already"):
        take_back(store, said)


def test_a_mitigation_that_a_person_states_lowers_nothing(store):
    stage(store, row(1000))

    say(store, number_at("10.0.0.6"), Said.MITIGATION, "virtual patch")

    assert verdict(store, address="10.0.0.6") == "AFFECTED"
    assert audit()[:2] == ("ann", "host stated")


def test_statements_that_cannot_be_meant_are_refused(store):
    stage(store)
    number = number_at("10.0.0.5")
    cases = [
        (Said.OS, "Linux", {"until": 0}), (Said.OS, "Linux", {"until": 1_000_000_000}), (Said.OS, "", {}),
        (Said.OS, "x" * 501, {}), (Said.MAC, "x", {}), (Said.SERVICE, "ssh", {"until": 1 << 50}),
        (Said.SERVICE, "ssh", {"valid_from": 1_950_000_000}),
    ]  # fmt: skip

    for kind, text, changes in cases:
        with pytest.raises(UsageError):
            say(store, number, kind, text, **changes)


def test_nobody_speaks_of_hosts_and_addresses_of_zones_that_are_not_theirs(store):
    stage(store)

    with pytest.raises(NotFoundError):
        say(store, number_at("10.0.0.5"), Said.OS, zones=frozenset({"other"}))
    with pytest.raises(NotFoundError):
        pool(store, "10.0.0.5", zones=frozenset({"other"}))
    with pytest.raises(NotFoundError):
        pool(store, "10.0.0.5", zone="nowhere")


def test_members_that_cannot_be_meant_are_refused(store):
    stage(store)

    for members in (["10.0.0.5:99999"], ["10.0.0.5:x"], [VIRTUAL], ["224.0.0.1"], ["web"], ["10.0.0.5"] * 300):
        with pytest.raises(UsageError):
            pool(store, *members)


def test_the_page_of_a_host_tells_why_it_is_one(store):
    from vatriage.usecases.lookups import show_host

    stage(store)
    leases(store, f"10.0.0.5,00:11:22:33:44:55,web,{SIGHT + 60},{LATER}")

    (shown,) = show_host("10.0.0.5", None)

    assert (
        shown["why_one_host"][0] == "Every report of offline:default in zone default that names host id 1 is about it."
    )
    assert [one["client"] for one in shown["leases"]] == ["not known"]
