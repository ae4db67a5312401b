"""How long tests run: `make test` takes a small sample of what `make soak` takes whole."""

import os

SOAK = os.environ.get("HYPOTHESIS_PROFILE") == "soak"
"""Whether this is a long run."""


def examples(count):
    """Return how many examples a property is tried on: `count` in the suite, 25 times as many in a long run."""
    return count * 25 if SOAK else count
