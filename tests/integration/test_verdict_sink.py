"""Verdicts sent on as they are made: none is lost while the sink is away, over restarts as well, and nothing piles up."""

import json
from contextlib import closing

import pytest

from end_to_end_program import alert
from vatriage.config import Config
from vatriage.errors import UsageError
from vatriage.outputs.interface import OutputError
from vatriage.wiring.judging import changing_knowledge, live_triage, verdict_sink


class Sink:
    """A sink that can be away."""

    name = "sink"

    def __init__(self):
        self.is_away, self.records = False, []

    def send(self, records):
        """See VerdictSink.send."""
        if self.is_away:
            raise OutputError("The sink is away.")
        self.records += [json.loads(line)["id"] for line in records.splitlines()]


def line(number):
    return alert(1, at=f"2026-11-21T00:00:{number:02}.000000+0000") + "\n"


def live(store, sink, *, zone="default"):
    log = store.folder / "eve.json"
    return live_triage(str(log), zone, changing_knowledge(store.config), store.config, store.clock, sink=sink)


def write(store, *numbers):
    with (store.folder / "eve.json").open("a") as log:
        log.writelines(map(line, numbers))


def test_while_the_sink_is_away_records_are_kept_and_nothing_new_is_taken(store):
    from vatriage.store.bulk import fetch
    from vatriage.store.unsent_rows import owed

    sink = Sink()
    first = live(store, sink)
    write(store, 0, 1)
    sink.is_away = True
    judged = first.step()
    write(store, 2)
    with pytest.raises(OutputError):
        first.step()
    kept = owed("default", first.source.name, "sink")
    sink.is_away = False
    first.source.close()
    again = live(store, sink)  # the first one was killed
    while again.step() is not None:
        pass
    again.source.close()
    write(store, 3)
    without = live(store, None)
    without.step()
    without.source.close()

    assert (len(judged.records), judged.notes) == (2, ("The sink is away.",))
    assert len(kept.splitlines()) == 2
    assert len(sink.records) == len(set(sink.records)) == 3
    assert fetch("SELECT COUNT(*) FROM unsent") == [(0,)]


def test_a_stream_gets_one_entry_a_record_and_is_cut_to_about_a_length(valkey, tmp_path):
    sink = verdict_sink(valkey.address("stream=verdicts&maxlen=5"), Config(home=tmp_path))
    sink.send(b'{"id":"x"}\n' * 1_900 + b'{"id":"y"}\n')
    with closing(valkey.client()) as client:
        entries, length = client.xrevrange("verdicts", count=2), client.xlen("verdicts")
    sink.close()

    assert [fields for _, fields in entries] == [{b"record": b'{"id":"y"}'}, {b"record": b'{"id":"x"}'}]
    assert 5 <= length < 300


@pytest.mark.parametrize(
    ("address", "said"),
    [("https://x.example", "stream of Redis only"), ("redis://h/0", "no stream"), ("redis://h/0?list=a", "no option"),
     ("redis://h/0?stream=a&maxlen=x", "no number")],
)  # fmt: skip
def test_what_is_no_stream_is_refused(tmp_path, address, said):
    with pytest.raises(UsageError, match=said):
        verdict_sink(address, Config(home=tmp_path))


def test_a_stream_that_cannot_be_reached_is_told_and_then_left_in_peace(tmp_path):
    sink = verdict_sink("redis://127.0.0.1:1/0?stream=a", Config(home=tmp_path))
    with pytest.raises(OutputError, match="cannot be reached"):
        sink.send(b"{}\n")
    with pytest.raises(OutputError, match="a moment ago"):
        sink.send(b"{}\n")
