"""Nothing came: why. An empty answer of an account that had hosts is no clean network, and no purge of everything."""

from vatriage.model.instant import US, format_instant
from vatriage.store.pull_hosts import stored_hosts
from vatriage.usecases.pull_mode import Mode
from vatriage.usecases.pull_run import PullRun
from vatriage.vendors.interface import ReportUnreadableError


def explain_nothing(run: PullRun) -> None:
    """Say why no host is to be asked for, if none is.

    Raises: ReportUnreadableError: the account shows no host at all, and showed some before.
    """
    result = run.result
    if result.hosts_expected:
        return
    delta = run.plan.mode is Mode.DELTA
    if delta and result.hosts_in_account:
        since = format_instant(run.since * US)
        result.nothing = f"No scan of the account's {result.hosts_in_account:,} hosts was processed since {since}."
    else:
        known = sum(not host.gone for host in stored_hosts(run.opened))
        if known:
            raise ReportUnreadableError(
                f"The account shows no host, and {known:,} of its hosts are known from earlier pulls.",
                "Check what the login may see (role, asset groups): nothing is taken for gone. If the hosts were really "
                "purged, the device has nothing to pull any more: remove it.",
            )
        result.nothing = (
            "The account shows no host: none was scanned yet, or the login may see none (role, asset groups)."
        )
    result.notes.append(result.nothing)
