"""Where tracebacks go: into a private file that is put aside when it grows, without the secrets that were at hand."""

import logging
import os
import stat

import pytest

from vatriage.cli.error_file import KEPT, MOST_BYTES, NAME, ErrorFile, OneLine, masked

CANARY = "c4n4ry-Pä55&<word>\n"


@pytest.fixture
def logger(tmp_path):
    """A logger with the file in a folder."""
    made, file = logging.getLogger("vatriage.test_error_file"), ErrorFile(str(tmp_path))
    made.addHandler(file)
    yield made
    made.removeHandler(file)


def raised(text):
    """Return an error that was raised and caught."""
    with pytest.raises(RuntimeError) as caught:
        _raise(text)
    return caught.value


def _raise(text):
    raise RuntimeError(text)


def broken(logger, message="GET /x broke", **extra):
    logger.error(message, exc_info=raised(f"could not log in with {CANARY!r}"), extra=extra)


def test_a_traceback_is_kept_without_its_secrets_in_a_file_of_its_owner(logger, tmp_path):
    before = os.umask(0)
    try:
        broken(logger, secrets={CANARY})
    finally:
        os.umask(before)
    text = (tmp_path / NAME).read_text()

    assert "Traceback (most recent call last)" in text
    assert "could not log in with '***'" in text
    assert "c4n4ry" not in text
    assert stat.S_IMODE((tmp_path / NAME).stat().st_mode) == 0o600


def test_what_carries_no_traceback_is_not_written(logger, tmp_path):
    logger.error("GET /x broke")

    assert not (tmp_path / NAME).exists()


def test_a_file_that_has_grown_is_put_aside_and_the_oldest_goes(logger, tmp_path):
    for _ in range(KEPT + 2):
        broken(logger, "x" * (MOST_BYTES // 2 + 1_000))

    assert sorted(path.name for path in tmp_path.iterdir()) == [NAME, *(f"{NAME}.{n}" for n in range(1, KEPT + 1))]
    assert all(path.stat().st_size < MOST_BYTES for path in tmp_path.iterdir())


def test_people_get_one_line_with_the_kind_of_error_only():
    error = raised(CANARY)
    info = (type(error), error, error.__traceback__)
    record = logging.LogRecord("vatriage.web", logging.ERROR, "f", 1, "GET %s broke", ("/a\nb",), info)
    line = OneLine().format(record)

    assert line.endswith("ERROR vatriage.web: GET /a\\nb broke (RuntimeError)")
    assert "\n" not in line


def test_short_secrets_are_not_looked_for_and_long_ones_go_before_their_parts():
    assert masked("abc abcdef abcdefgh", ("abc", "abcdef", "abcdefgh")) == "abc *** ***"
