"""What follows when a rule was submitted on the command line: its cost is said, it is activated, and it is shown."""

from functools import partial
from typing import TYPE_CHECKING, Any

from vatriage.cli.session import Session, say, show_json, warn
from vatriage.model.viewer import COMMAND_LINE

if TYPE_CHECKING:
    from vatriage.config import Config


def submitted(
    session: Session, config: "Config", name: str, content: dict[str, Any], *, submit_only: bool, as_json: bool
) -> None:
    """Warn of what the rules will cost, activate the rule unless told otherwise, and show it.

    Args:
        session: of the verb.
        config: the settings.
        name: the rule.
        content: what was submitted.
        submit_only: do not activate it yet.
        as_json: print JSON.

    Raises:
        ActivationRefusedError: something speaks against it; it stays submitted.
    """
    from vatriage.usecases.quota_plan import quota_plan  # noqa: PLC0415 - needs an open store
    from vatriage.usecases.update_rules import KIND, find_rule  # noqa: PLC0415 - the same
    from vatriage.wiring.servers import account_of, changes, limits_of, qualys_calls  # noqa: PLC0415 - keeps --help fast

    plan = quota_plan(
        qualys_calls(), account_of, page_hosts=config.page_hosts, clock=session.clock, candidate=(name, content),
        limits_of=partial(limits_of, config), full_every_s=config.full_pull_days * 86_400,
    )  # fmt: skip
    for warning in plan.warnings:
        warn(f"Warning: {warning}")
    if not submit_only:
        changes(session.clock).activate(COMMAND_LINE, only=[(KIND, name)])
    line = find_rule(name, session.clock)
    if as_json:
        show_json(shown(line.to_dict()) | {"plan": shown(plan.to_dict())})
        return
    if line.active and line.pending:
        say(f"Update rule {name!r} is changed and submitted; run `vatriage activate`.")
        return
    state = "active" if line.active else "submitted; run `vatriage activate`"
    say(f"Update rule {name!r} is {state}: {line.schedule}, {', '.join(line.devices) or 'no active device yet'}.")


def shown(record: dict[str, Any]) -> dict[str, Any]:
    """Return a record with its instants as text."""
    from vatriage.usecases.instants_told import told  # noqa: PLC0415 - keeps --help fast

    return told(record)
