"""Records that are owed to a sink, as rows."""

from vatriage.store.bulk import execute, fetch, plain


def owe(zone: str, source: str, sink: str, records: bytes) -> None:
    """Keep records until they are sent, in the transaction of their verdicts; nothing may be owed before."""
    sql = "INSERT INTO unsent (zone, source, sink, records) VALUES (%s, %s, %s, %s)"
    execute(sql, [zone, plain(source), plain(sink), records])


def owed(zone: str, source: str, sink: str) -> bytes:
    """Return what is owed; empty if nothing is."""
    sql = "SELECT records FROM unsent WHERE zone = %s AND source = %s AND sink = %s"
    rows = fetch(sql, [zone, plain(source), plain(sink)])
    return bytes(rows[0][0]) if rows else b""


def paid(zone: str, source: str, sink: str) -> None:
    """Forget what was owed."""
    sql = "DELETE FROM unsent WHERE zone = %s AND source = %s AND sink = %s"
    execute(sql, [zone, plain(source), plain(sink)])
