"""Connections to receivers: an address of this machine or of a private network only where a person allowed it."""

from vatriage.model.address import is_public, pack_address
from vatriage.model.route import is_address
from vatriage.net.connecting import Connecting
from vatriage.net.interface import NetError, Reason, Stage
from vatriage.net.names import Resolution


class PublicOnly(Connecting):
    """Refuses to connect to what is not public. What a proxy resolves is checked only if it is a literal address."""

    def resolved(self) -> Resolution:
        """See Connecting.resolved. Raises: NetError: the server is not public."""
        found = super().resolved()
        targets = found.addresses if self.proxy is None else tuple(filter(is_address, (self.host,)))
        for address in targets:
            if not is_public(pack_address(address.strip("[]"))):
                raise NetError(
                    f"{self.server} is {address}, an address of this machine or of a private network.",
                    "If that is meant, allow it for this destination (`--private`).",
                    reason=Reason.UNREACHABLE, stage=Stage.NAME,
                )  # fmt: skip
        return found
