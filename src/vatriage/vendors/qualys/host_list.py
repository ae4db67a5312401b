"""HOST_LIST_OUTPUT: the hosts of the account, and when each was last scanned."""

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
