"""What the last pull of a host's account leaves open about the host: said wherever the host is shown."""

from vatriage.model.instant import US, format_instant
from vatriage.store.bulk import fetch
from vatriage.store.ledger import COMPLETE, RUNNING
from vatriage.store.pull_hosts import trouble_of


def doubt_of(number: int) -> str:
    """Return a sentence, "" if the last pull was complete and knows the host whole, or if the host was never pulled.

    Args:
        number: the store's number of the host.
    """
    last = fetch(
        "SELECT p.id, p.state FROM pulls p JOIN hosts h ON h.zone_id = p.zone_id AND h.account_id = p.account_id "
        "WHERE h.id = %s AND p.origin = 'pull' AND p.state <> %s ORDER BY p.id DESC LIMIT 1",
        [number, RUNNING],
    )
    if not last:
        return ""
    (pull, state), trouble = last[0], trouble_of(int(last[0][0]), number)
    if state == COMPLETE and not trouble:
        return ""
    about = f"does not know this host whole: {trouble}" if trouble else f"is {state}"
    return f"Pull {pull} {about}. {_stands(number)}"


def _stands(number: int) -> str:
    whole = fetch("SELECT whole_listed_at FROM hosts WHERE id = %s", [number])
    if not whole or not whole[0][0]:
        return "No pull ever knew it whole, so nothing is refuted."
    return f"Its findings were last known whole at {format_instant(int(whole[0][0]) * US)}; nothing newer is refuted."
