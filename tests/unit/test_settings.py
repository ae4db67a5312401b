"""Bounds of settings; the database's address: what becomes of it, and that its password is shown nowhere."""

import pytest

from vatriage.config import read_config
from vatriage.errors import UsageError
from vatriage.model.secret import Secret
from vatriage.settings import postgresql
from vatriage.wiring.opening import database_shown

CANARY = "canary-7f3a9"


def config(tmp_path, address):
    return read_config(tmp_path, {"VATRIAGE_DATABASE": address})


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("postgresql://u@db.example:6432/inventory", ("inventory", "u", "", "db.example", "6432")),
        ("postgres://u:p%40ss@[::1]/i", ("i", "u", "p@ss", "::1", "")),
        ("postgresql:///i?host=/run/postgresql&user=u", ("i", "u", "", "/run/postgresql", "")),
        ("postgresql://a:1,b:2/i", ("i", "", "", "a,b", "1,2")),
        ("postgresql://u@h/i?password=secret", ("i", "u", "secret", "h", "")),
    ],
)
def test_an_address_is_read_as_libpq_reads_it(address, expected):
    found = postgresql(Secret(address))

    assert expected == tuple(found[name] for name in ("NAME", "USER", "PASSWORD", "HOST", "PORT"))


def test_the_address_overrules_our_own_parameters():
    options = postgresql(Secret("postgresql://h/i?sslmode=verify-full&connect_timeout=3&options=-csearch_path%3Dv"))[
        "OPTIONS"
    ]

    assert (options["sslmode"], options["connect_timeout"]) == ("verify-full", "3")
    assert options["options"].endswith(" -csearch_path=v")


@pytest.mark.parametrize(
    "address",
    [
        f"{CANARY}",
        f"mysql://u:{CANARY}@h/i",
        f"postgresql://u:{CANARY}@h",
        f"postgresql://u:{CANARY}%zz@h/i",
        f"postgresql://u@h/i?pasword={CANARY}",
    ],
)
def test_a_wrong_address_is_refused_without_being_shown(tmp_path, address):
    with pytest.raises(UsageError) as refused:
        database_shown(config(tmp_path, address))

    assert CANARY not in str(refused.value)
    assert refused.value.__suppress_context__ or refused.value.__context__ is None


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        (f"postgresql://u:{CANARY}@db.example:6432/i?sslmode=require", "postgresql://u@db.example:6432/i"),
        (f"postgresql://db.example/i?user=u&password={CANARY}", "postgresql://u@db.example/i"),
        ("postgresql:///i?host=/run/postgresql", "postgresql:///i?host=/run/postgresql"),
    ],
)
def test_the_address_is_shown_without_its_password(tmp_path, address, shown):
    given = config(tmp_path, address)

    assert shown == database_shown(given)
    assert CANARY not in repr(given)


def test_without_an_address_the_inventory_is_a_file(tmp_path):
    assert database_shown(config(tmp_path, "")) == str(tmp_path / "vatriage.sqlite3")


@pytest.mark.parametrize("number", ["0", "0.5", "-1", "nan", "inf", "10001", "many"])
def test_a_page_holds_at_least_one_host(tmp_path, number):
    with pytest.raises(UsageError, match="from 1 up to 10000"):
        read_config(tmp_path, {"VATRIAGE_PAGE_HOSTS": number})
