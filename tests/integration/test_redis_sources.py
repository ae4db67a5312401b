"""Lists and streams of a real Valkey server: what is taken over, what is counted as lost, what is said when it fails."""

from contextlib import closing

import pytest

from fakes.tls_server import Authority, TlsServer
from valkey_server import running
from vatriage.errors import UsageError
from vatriage.model.secret import Secret
from vatriage.net.redis_address import read_address
from vatriage.net.redis_server import RedisServer
from vatriage.sensors.interface import SensorError
from vatriage.sensors.redis_source import redis_source

SECRET = "ZETA-bait-9"


class Seconds:
    """A clock that stands still until it is moved."""

    def __init__(self):
        self.now = 1_000.0

    def __call__(self):
        """Return the time."""
        return self.now


def source_of(address, *, password=None, monotonic=None):
    server = RedisServer(read_address(address, password), 2.0, 2.0, monotonic or Seconds())
    return redis_source(server, None)


def begun(address, bookmark=b"", **options):
    source = source_of(address, **options)
    source.begin(bookmark)
    return source


def drain(source):
    """Take and settle all there is; return the entries, the bookmark, what was lost, what was said."""
    found, bookmark, lost, notes = [], b"", 0, []
    while (delivery := source.take()) is not None:
        found += [line for line in delivery.data.split(b"\n") if line]
        bookmark, lost = delivery.bookmark, lost + delivery.lost
        notes += delivery.notes
        source.settle()
    return found, bookmark, lost, " / ".join(notes)


def fill(valkey, *entries):
    with valkey.client() as client:
        for entry in entries:
            client.xadd("s", {"eve": entry})


def held(valkey, *command):
    with valkey.client() as client:
        return client.execute_command(*command)


def test_a_list_keeps_nothing_once_all_is_settled(valkey):
    with valkey.client() as client:
        client.lpush("l", *(b"%d" % number for number in range(2_500)))
    with closing(begun(valkey.address("list=l"))) as source:
        found, _, lost, notes = drain(source)

    assert found == [b"%d" % number for number in range(2_500)]
    assert (lost, notes) == (0, "")
    assert held(valkey, "KEYS", "l*") == [b"l:vatriage"]


def test_what_a_consumer_left_in_its_hands_is_told_as_coming_again(valkey):
    with valkey.client() as client:
        client.lpush("l", b"a", b"b")
    with closing(begun(valkey.address("list=l"))) as killed:
        killed.take()
    with closing(begun(valkey.address("list=l"))) as source:
        found, _, lost, notes = drain(source)

    assert (found, lost) == ([b"a", b"b"], 0)
    assert "2 entries come again" in notes


def test_what_another_consumer_left_is_told_and_can_be_taken_over_by_its_name(valkey):
    with valkey.client() as client:
        client.lpush("l", b"a", b"b")
    with closing(begun(valkey.address("list=l&consumer=one"))) as killed:
        killed.take()
    with closing(begun(valkey.address("list=l&consumer=two"))) as source:
        assert drain(source)[0] == []
        held(valkey, "LPUSH", "l", "c")
    with closing(begun(valkey.address("list=l&consumer=two"))) as source:
        found, _, _, notes = drain(source)
    with closing(begun(valkey.address("list=l&consumer=one"))) as source:
        taken_over = drain(source)[0]

    assert (found, taken_over) == ([b"c"], [b"a", b"b"])
    assert "2 entries are in the hands of consumer one" in notes


def test_entries_whose_removal_failed_are_removed_before_the_next_take_and_do_not_come_again():
    with running("--appendonly", "yes") as valkey:
        seconds = Seconds()
        held(valkey, "LPUSH", "l", "a")
        with closing(begun(valkey.address("list=l"), monotonic=seconds)) as source:
            assert source.take() is not None
            valkey.stop()
            source.settle()
            assert source.take() is None  # it rests
            valkey.start()
            seconds.now += 2
            found, _, lost, _ = drain(source)

        assert (found, lost) == ([], 0)
        assert held(valkey, "LLEN", "l:vatriage:vatriage") == 0


@pytest.mark.parametrize("query", ["list=s", "stream=s"])
def test_a_server_that_was_started_anew_without_a_file_is_a_loss(query):
    with running() as valkey:
        seconds = Seconds()
        with closing(begun(valkey.address(query), monotonic=seconds)) as source:
            if query.startswith("list"):
                held(valkey, "LPUSH", "s", "a")
            else:
                fill(valkey, b"a")
            _, bookmark, before, _ = drain(source)
            valkey.stop()
            with pytest.raises(SensorError, match="cannot be reached"):
                source.take()
        valkey.start()
        with closing(begun(valkey.address(query), bookmark)) as source:
            _, _, lost, notes = drain(source)

    assert before == 0
    assert lost >= 1
    assert "may be lost" in notes


def test_entries_trimmed_before_they_were_read_are_counted_exactly(valkey):
    with closing(begun(valkey.address("stream=s"))) as source:
        fill(valkey, *(b"%d" % number for number in range(10)))
        drain(source)
        fill(valkey, *(b"%d" % number for number in range(10, 30)))
        held(valkey, "XTRIM", "s", "MAXLEN", "=", "5")
        found, _, lost, notes = drain(source)
        fill(valkey, b"30")
        after = drain(source)

    assert (found, lost) == ([b"%d" % number for number in range(25, 30)], 15)
    assert "15 entries were trimmed away before they were read" in notes
    assert (after[0], after[2]) == ([b"30"], 0)


def test_a_loss_is_told_before_what_came_after_it_so_that_a_sudden_end_does_not_hide_it(valkey):
    with closing(begun(valkey.address("stream=s"))) as source:
        fill(valkey, b"0")
        _, bookmark, _, _ = drain(source)
        fill(valkey, b"1", b"2", b"3")
        held(valkey, "XTRIM", "s", "MAXLEN", "=", "1")
        first = source.take()  # and then it is killed, before it was settled
    with closing(begun(valkey.address("stream=s"), bookmark)) as source:
        found, _, lost, _ = drain(source)

    assert (first.data, first.lost) == (b"", 2)
    assert (found, lost) == ([b"3"], 2)


def test_what_was_trimmed_before_the_first_look_is_no_loss(valkey):
    fill(valkey, b"0", b"1", b"2")
    held(valkey, "XTRIM", "s", "MAXLEN", "=", "1")
    with closing(begun(valkey.address("stream=s"))) as source:
        found, _, lost, _ = drain(source)

    assert (found, lost) == ([b"2"], 0)


def test_entries_trimmed_in_the_hands_of_an_ended_consumer_are_lost(valkey):
    fill(valkey, b"0", b"1", b"2")
    with closing(begun(valkey.address("stream=s"))) as killed:
        killed.take()
    held(valkey, "XTRIM", "s", "MAXLEN", "=", "1")
    with closing(begun(valkey.address("stream=s"))) as source:
        found, _, lost, notes = drain(source)

    assert (found, lost) == ([b"2"], 2)
    assert "2 entries were trimmed before they were acknowledged" in notes
    assert _pending(valkey) == []


def test_what_an_ended_consumer_holds_goes_to_another_one_once_it_lies_idle(valkey):
    fill(valkey, b"0", b"1")
    with closing(begun(valkey.address("stream=s&consumer=one"))) as killed:
        killed.take()
    held(valkey, "XCLAIM", "s", "vatriage", "one", 0, *_pending(valkey), "IDLE", 61_000)
    with closing(begun(valkey.address("stream=s&consumer=two"))) as source:
        found, _, lost, notes = drain(source)

    assert (found, lost) == ([b"0", b"1"], 0)
    assert "2 entries come again" in notes
    assert _pending(valkey) == []


def _pending(valkey):
    with valkey.client() as client:
        return [entry["message_id"] for entry in client.xpending_range("s", "vatriage", "-", "+", 100)]


def test_what_another_consumer_took_a_moment_ago_is_left_to_it(valkey):
    fill(valkey, b"0", b"1")
    with closing(begun(valkey.address("stream=s&consumer=one"))) as busy:
        busy.take()
        with closing(begun(valkey.address("stream=s&consumer=two"))) as source:
            assert drain(source)[0] == []


def test_a_stream_that_was_removed_and_made_anew_is_a_gap(valkey):
    fill(valkey, b"0")
    with closing(begun(valkey.address("stream=s"))) as source:
        drain(source)
        held(valkey, "DEL", "s")
        fill(valkey, b"1")
        with pytest.raises(SensorError):
            source.take()
        source._server._rests_until = 0
        found, _, lost, notes = drain(source)

    assert (found, lost) == ([b"1"], 1)
    assert "made anew" in notes


def test_an_entry_without_its_field_is_handed_over_to_be_refused_and_not_dropped(valkey):
    with valkey.client() as client:
        client.xadd("s", {"message": b"x"})
        client.xadd("s", {"eve": b"\x1f\x8bnot\ngzip"})
    with closing(begun(valkey.address("stream=s"))) as source:
        found = drain(source)[0]

    assert found == [b"no field eve: message x", b"\x1f\x8bnot gzip"]


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("channel=suricata", "loses every alert"), ("publish=suricata", "loses every alert"), ("", "names no list"),
        ("list=a&stream=b", "or both"), ("list=a&group=b", "no option 'group'"), ("list=a&push=up", "no side"),
        ("stream=a&idle=0", "no number from 1"), ("stream=a%00b", "no usable name"), ("list=", "cannot be used"),
    ],
)  # fmt: skip
def test_an_address_that_cannot_be_meant_is_refused_with_the_way_out(query, said):
    with pytest.raises(UsageError) as caught:
        source_of(f"redis://:{SECRET}@127.0.0.1:1/0?{query}")

    assert said in str(caught.value) or query == "list="
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize(
    "address",
    [f"redis://:{SECRET}@127.0.0.1:x/0?list=a", f"redis://:{SECRET}@/0?list=a", f"redis://:{SECRET}@h/zero?list=a",
     f"redis://:{SECRET}@h:99999/0?list=a", f"redis://:{SECRET}@h/0?list=a&list=b", f"redis://:{SECRET}@h/0?list=a#b"],
)  # fmt: skip
def test_an_address_that_cannot_be_read_is_not_repeated(address):
    with pytest.raises(UsageError) as caught:
        read_address(address)

    assert SECRET not in str(caught.value)


@pytest.fixture(scope="module")
def locked():
    """A server that wants a password."""
    with running("--requirepass", SECRET) as server:
        yield server


@pytest.mark.parametrize(
    ("given", "said"), [(None, "VATRIAGE_REDIS_PASSWORD"), ("wrong", "invalid username-password pair")]
)
def test_a_refused_login_says_what_to_do_and_never_the_password(locked, given, said):
    source = begun(locked.address("list=a"), password=given and Secret(f"{given}-{SECRET}"))
    with closing(source), pytest.raises(SensorError) as caught:
        source.take()

    assert said in str(caught.value)
    assert SECRET not in f"{caught.value!r} {caught.value} {source.name} {vars(source._server)}"


def test_a_password_comes_from_the_settings_or_a_file(locked, tmp_path):
    file = tmp_path / "password"
    file.write_text(SECRET + "\n")
    with closing(begun(locked.address(f"list=a&password_file={file}"))) as source:
        assert source.take() is None
    with closing(begun(locked.address("list=a"), password=Secret(SECRET))) as source:
        assert source.take() is None
        assert SECRET not in source.name


def test_a_list_asked_for_as_a_stream_is_told_apart(valkey):
    held(valkey, "LPUSH", "s", "a")
    with closing(begun(valkey.address("stream=s"))) as source, pytest.raises(SensorError) as caught:
        source.take()

    assert "?list=" in str(caught.value)


def test_a_server_that_is_not_there_is_asked_less_and_less_often():
    seconds = Seconds()
    source = begun("redis://127.0.0.1:1/0?list=a", monotonic=seconds)
    waits = []
    for _ in range(9):
        with pytest.raises(SensorError, match=r"redis://127\.0\.0\.1:1/0 cannot be reached"):
            source.take()
        began = seconds.now
        while source._server.rests:
            assert source.take() is None
            seconds.now += 0.5
        waits.append(seconds.now - began)

    assert waits == [1, 2, 4, 8, 16, 32, 60, 60, 60]


@pytest.mark.parametrize(("name", "trusted"), [("127.0.0.1", False), ("other.example", True)])
def test_no_password_is_sent_to_a_server_whose_certificate_is_not_its_own(tmp_path, name, trusted):
    authority = Authority(tmp_path)
    option = f"&ca_file={authority.file}" if trusted else ""
    with TlsServer(authority.server_file(name)) as server:
        address = f"rediss://127.0.0.1:{server.port}/0?list=a{option}"
        with closing(begun(address, password=Secret(SECRET))) as source, pytest.raises(SensorError) as caught:
            source.take()

    assert "is not trusted" in str(caught.value)
    assert server.heard == []


def test_a_server_whose_authority_is_named_is_spoken_to(tmp_path):
    authority = Authority(tmp_path)
    with TlsServer(authority.server_file("127.0.0.1"), answer=b"-NOPERM not you\r\n") as server:
        address = f"rediss://127.0.0.1:{server.port}/0?list=a&ca_file={authority.file}"
        with closing(begun(address)) as source, pytest.raises(SensorError, match="refuses: not you"):
            source.take()

    assert b"INFO" in server.heard[0]


def test_what_is_no_redis_is_told(tmp_path):
    with TlsServer(None, plain=True) as server:
        source = begun(f"redis://127.0.0.1:{server.port}/0?list=a")
        with closing(source), pytest.raises(SensorError):
            source.take()
