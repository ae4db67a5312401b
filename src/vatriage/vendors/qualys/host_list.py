"""HOST_LIST_OUTPUT: the hosts of the account, and when each was last scanned.

What it proves. It is the one report that says which hosts were scanned at all, when, and whether with a login; it lists no
finding. Nothing in it says which checks those scans ran (their option profiles): that their check set is complete is a
setting of the device, or vouched for by a person, and unknown otherwise.
"""

from vatriage.model.report import ReportPage
from vatriage.vendors.qualys.hosts import HostRows, broken_hosts
from vatriage.vendors.xml.tables import RecordTables


def host_page(block: RecordTables, name: str) -> ReportPage:
    """Return a block's hosts; `name` is the document's."""
    hosts = HostRows(block, name)
    return ReportPage(
        hosts=hosts.whole_table((), block.broken),
        unnamed_hosts=hosts.unnamed(block.broken),
        rejects=(*broken_hosts(block, name), *hosts.rejects),
    )
