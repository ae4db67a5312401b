"""Qualys's requests at the versions of the API that are set, and the reading of its refusals (see Calls)."""

from collections.abc import Iterable
from urllib.parse import urlsplit

from vatriage.net.interface import Answer, Request
from vatriage.vendors.interface import Refusal, RequestRefusedError, VendorError
from vatriage.vendors.qualys import refusals, requests
from vatriage.vendors.qualys.versions import Versions, at_version


class QualysCalls:
    """See Calls.

    Args:
        versions: of the API, by resource.
    """

    vendor = requests.vendor
    query = staticmethod(requests.query)
    written_url = staticmethod(requests.written_url)
    about = staticmethod(requests.about)
    explained = staticmethod(refusals.explained)
    quota = staticmethod(refusals.quota)
    saved_reports = staticmethod(requests.saved_reports)
    saved_report = staticmethod(requests.saved_report)
    scan = staticmethod(requests.scan)
    running_scans = staticmethod(requests.running_scans)
    cancel_scan = staticmethod(requests.cancel_scan)
    scheduled_scans = staticmethod(requests.scheduled_scans)
    appliances = staticmethod(requests.appliances)
    saved_knowledge_base = staticmethod(requests.saved_knowledge_base)
    watch = staticmethod(requests.watch)
    at_version = staticmethod(at_version)

    def __init__(self, versions: Versions, *, scores: bool = False) -> None:
        self._scores = scores
        self._versions = versions

    def one_host(self) -> Request:
        """See Calls.one_host."""
        return self._versions.applied(requests.one_host())

    def one_vulnerability(self) -> Request:
        """See Calls.one_vulnerability."""
        return self._versions.applied(requests.one_vulnerability())

    def host_list(self, next_id: int, page_hosts: int, since: int = 0) -> Request:
        """See Calls.host_list."""
        return self._versions.applied(requests.host_list(next_id, page_hosts, since))

    def host_ids(self, next_id: int, most: int, since: int = 0) -> Request:
        """See Calls.host_ids."""
        return self._versions.applied(requests.host_ids(next_id, most, since))

    def hosts(self, ids: Iterable[int]) -> Request:
        """See Calls.hosts."""
        return self._versions.applied(requests.hosts(ids))

    def detections(self, ids: Iterable[int]) -> Request:
        """See Calls.detections."""
        return self._versions.applied(requests.detections(ids, scores=self._scores))

    def knowledge_base(self, since: int = 0, qids: Iterable[int] = ()) -> Request:
        """See Calls.knowledge_base."""
        return self._versions.applied(requests.knowledge_base(since, qids))

    def past_scans(self, since: int) -> Request:
        """See Calls.past_scans."""
        return self._versions.applied(requests.past_scans(since))

    def probes(self, since: int) -> tuple[tuple[Request, tuple[str, ...]], ...]:
        """See Calls.probes."""
        lightest = (
            requests.host_list(0, 1), requests.one_host(), requests.one_vulnerability(), requests.past_scans(since),
        )  # fmt: skip
        versions = self._versions.to_probe()
        return tuple((self._versions.applied(request), versions[request.resource]) for request in lightest)

    def refusal(
        self, answer: Answer, resource: str, kind: str | None, code: str | None, error: str | None
    ) -> VendorError | None:
        """See Calls.refusal; of a version that has ended it says which, and what to set."""
        refused = refusals.refusal(answer, resource, kind, code, error)
        version = self._versions.of(resource)
        if refused is None or refused.refusal is not Refusal.VERSION or not version:
            return refused
        moved = urlsplit(answer.headers.get("location", "")).path[:200]
        to = f" and points to {moved}" if moved else ""
        return RequestRefusedError(
            f"The server does not serve version {version} of {resource} (any more): it answered with HTTP status "
            f"{answer.status}{to}.",
            "`vatriage doctor DEVICE` shows which versions it serves; VATRIAGE_API_VERSIONS sets another one "
            f"({resource}=...). If it serves none, the URL names another server than an API server.",
            refusal=Refusal.VERSION,
            said=refused.said,
        )
