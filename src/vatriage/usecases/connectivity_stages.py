"""The stages of Test Connectivity. Each asks for as little as shows what it is there to show; none starts a scan."""

import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from vatriage.clock import Clock, now_us
from vatriage.errors import VatriageError
from vatriage.model.instant import DAY_US, format_instant
from vatriage.model.report import ReportEnd, ScanSummary
from vatriage.model.route import Route
from vatriage.net.interface import Answer, Fetcher, Request
from vatriage.net.probe import Reach, Step
from vatriage.usecases.diagnosis import STAGES, CertificateShown, StageResult, State, Trouble
from vatriage.usecases.diagnosis_words import way_of, words_of
from vatriage.usecases.parameters import loud
from vatriage.vendors.interface import Calls, QueryKind, Quota, Refusal, ReportQuery, ReportReader, VendorError

SOON_US = 14 * DAY_US
"""A certificate that ends earlier is warned of."""
FEW = 0.1
"""Of the calls of a window: fewer are warned of."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectivityTools:
    """What a test works with."""

    calls: Calls
    fetcher: Fetcher
    reader: ReportReader
    folder: Path
    """For spooled answers."""
    probe: Callable[[], Reach]
    """Connects stage by stage."""
    route: Route
    clock: Clock


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """An answer that was read."""

    request: Request
    answer: Answer
    end: ReportEnd
    hosts: int
    detections: int
    scans: tuple[ScanSummary, ...]
    ms: int


class _Stop(Exception):  # noqa: N818 - it ends the test, and is no error of its own
    """A stage failed, and was noted."""


@dataclass(slots=True)
class Staging:
    """A test under way."""

    tools: ConnectivityTools
    query: ReportQuery
    stages: list[StageResult] = field(default_factory=list)
    trouble: Trouble | None = None
    chain: tuple[CertificateShown, ...] = ()
    heard: list[Heard] = field(default_factory=list)
    versions: dict[str, str] = field(default_factory=dict)

    def connect(self) -> None:
        """Note the stages up to TLS."""
        reach = self.tools.probe()
        self.chain = tuple(
            CertificateShown(
                subject=item.subject, issuer=item.issuer, sha256=item.fingerprint,
                not_after=format_instant(item.not_after_us) if item.not_after_us else None,
            )
            for item in reach.chain
        )  # fmt: skip
        for step in reach.steps:
            if step.error is None:
                self.stages.append(self._connected(step, reach))
            else:
                self._note_failure(step.stage.value, step.error, step.ms)

    def ask(self) -> None:
        """Note the stages that a login is needed for."""
        try:
            self._login()
            findings = self._api_versions(self._permission())
            self._knowledge_base()
            self._quota()
            self._query(findings)
        except _Stop:
            return

    def in_order(self) -> tuple[StageResult, ...]:
        """Return all stages; those that were not reached say so."""
        why = f"Not tried, because {self.trouble.stage} failed." if self.trouble else ""
        done = {stage.name: stage for stage in self.stages}
        return tuple(
            done.get(name) or StageResult(name=name, state=State.SKIPPED, details=(why,)) for name in STAGES
        )  # fmt: skip

    def _connected(self, step: Step, reach: Reach) -> StageResult:
        details, state, remedy = step.said, State.SKIPPED if step.idle else State.PASSED, ""
        if step.stage.value == "TLS":
            if warnings := loud(self.tools.route, self.tools.clock):
                details, state, remedy = (*details, *warnings), State.WARNING, "Choose another TLS policy."
            elif reach.chain and 0 < reach.chain[0].not_after_us < now_us(self.tools.clock) + SOON_US:
                details = (*details, "The certificate ends soon.")
                state, remedy = State.WARNING, "Have the server's owner renew the certificate."
        return StageResult(name=step.stage.value, state=state, details=details, remedy=remedy, ms=step.ms)

    def _login(self) -> None:
        request = self.tools.calls.about()
        heard = self._try(request, "login", lenient=(Refusal.VERSION, Refusal.REQUEST, Refusal.RIGHT))
        if isinstance(heard, VatriageError):
            details = (heard.message, "Whether the login is right, the next stage shows.")
            self.stages.append(StageResult(name="login", state=State.WARNING, details=details))
            return
        self.versions = dict(heard.end.versions)
        self._pass("login", "Login and password were accepted.", ms=heard.ms)

    def _permission(self) -> Heard:
        calls = self.tools.calls
        current = self.query.kind is QueryKind.CURRENT
        request = calls.host_list(0, 1) if current else calls.saved_reports({"last": "yes"})
        heard = self._must(request, "permission")
        if not current:
            self._pass("permission", "The account may list saved scan reports.", ms=heard.ms)
        elif heard.hosts:
            more = ", and there are more" if heard.end.truncation else " in all"
            self._pass("permission", f"The account sees 1 host{more}.", ms=heard.ms)
        else:
            self._warn(
                "permission", "The account sees no host: a pull would bring nothing.", ms=heard.ms,
                remedy="Scan the network, or have a manager of the subscription give the account its asset groups.",
            )  # fmt: skip
        return heard

    def _api_versions(self, allowed: Heard) -> Heard | None:
        """Note which versions answered; return the findings of one host, if the query is about them."""
        said = [f"{allowed.request.path} answered."]
        findings: Heard | None = None
        if self.query.kind is QueryKind.CURRENT:
            tried = self._try(self.tools.calls.one_host(), "API versions", lenient=tuple(Refusal))
            if isinstance(tried, VendorError):
                name = "API versions" if tried.refusal in (Refusal.VERSION, Refusal.REQUEST) else "configured query"
                raise self._fail(name, tried)
            if not isinstance(tried, VatriageError):
                findings = tried
                said.append(f"{tried.request.path} answered.")
        said += [f"The service says {name} {number}." for name, number in self.versions.items()]
        self._pass("API versions", *said, ms=findings.ms if findings else 0)
        return findings

    def _knowledge_base(self) -> None:
        name = "KnowledgeBase entitlement"
        request = self.tools.calls.one_vulnerability()
        needed = self.query.kind is QueryKind.CURRENT
        heard = self._try(request, name, lenient=() if needed else tuple(Refusal))
        if isinstance(heard, VatriageError):
            self._warn(
                name, f"The account does not get the KnowledgeBase: {heard.message}",
                remedy="Without it only what reports say of QIDs is known; have the right granted.",
            )  # fmt: skip
        else:
            self._pass(name, "The account may download the KnowledgeBase.", ms=heard.ms)

    def _quota(self) -> None:
        name = "quota headers"
        told = [(item.request.resource, self.tools.calls.quota(item.answer)) for item in self.heard]
        quotas = {resource: quota for resource, quota in told if quota is not None}
        said = [f"{resource}: {_left(quota)}." for resource, quota in quotas.items()]
        few = any((item.remaining or 0) < (item.calls or 0) * FEW for item in quotas.values())
        if not said:
            self.stages.append(
                StageResult(name=name, state=State.SKIPPED, details=("No answer told of limits.",))
            )  # fmt: skip
        elif few:
            self._warn(name, *said, "Few calls are left.", remedy="Pull less often, or buy a larger limit.")
        else:
            self._pass(name, *said)

    def _query(self, findings: Heard | None) -> None:
        name, query = "configured query", self.query
        if query.kind is QueryKind.REAL_TIME:
            many = f"{query.scan_addresses:,} addresses" if query.scan_addresses else "the asset groups of the URL"
            why = f"Not tried: this query starts a scan of {many}, and a test never starts one."
            self.stages.append(StageResult(name=name, state=State.SKIPPED, details=(why, *query.warnings)))
        elif query.kind is QueryKind.CURRENT:
            found = findings.detections if findings else 0
            self._pass(name, f"Asked for one host's findings, {found} came.", ms=findings.ms if findings else 0)
        else:
            parameters = query.parameters if query.kind is QueryKind.LAST_SAVED else {}
            listed = self._must(self.tools.calls.saved_reports(parameters), name)
            self._saved(listed)

    def _saved(self, listed: Heard) -> None:
        name = "configured query"
        finished = [item for item in listed.scans if item.state.upper() in ("FINISHED", "")]
        ref = self.query.parameters.get("ref", "")
        if ref and ref not in {item.ref for item in finished}:
            self._warn(
                name, f"The report {ref} is not in the list of finished reports.", ms=listed.ms,
                remedy="Check the ref in the URL; the scan may still run, or its report may have been deleted.",
            )  # fmt: skip
        elif not finished:
            self._warn(
                name, "No finished report is saved: a pull would bring nothing.", ms=listed.ms,
                remedy="Run a scan and save its report, or wait until the next one has ended.",
            )  # fmt: skip
        else:
            newest = max(finished, key=lambda item: item.launched_at)
            chosen = ref or newest.ref
            self._pass(name, f"{len(finished)} finished reports are saved; a pull would take {chosen}.", ms=listed.ms)

    def _must(self, request: Request, name: str) -> Heard:
        """Return an answer, or note that the stage failed and stop."""
        heard = self._try(request, name)
        if isinstance(heard, VatriageError):
            raise self._fail(name, heard)
        return heard

    def _try(self, request: Request, name: str, lenient: tuple[Refusal, ...] = ()) -> Heard | VatriageError:
        """Return an answer, or a refusal that the stage can live with; note another one and stop."""
        try:
            heard = self._ask(request)
        except VendorError as error:
            if error.refusal in lenient:
                return error
            raise self._fail(name, error) from error
        except VatriageError as error:
            raise self._fail(name, error) from error
        self.heard.append(heard)
        return heard

    def _ask(self, request: Request) -> Heard:
        return asked(request, self.tools.fetcher, self.tools.calls, self.tools.reader, self.tools.folder)

    def _fail(self, name: str, error: VatriageError) -> _Stop:
        self._note_failure(name, error, 0)
        return _Stop()

    def _note_failure(self, name: str, error: VatriageError, ms: int) -> None:
        way = way_of(self.query.server, self.tools.route)
        self.trouble = words_of(self.tools.calls).tested(error, way, name)
        details = [self.trouble.came_back]
        if name == "TLS" and self.chain:
            details += [
                f"Shown: {item.subject}, issued by {item.issuer}, valid until {item.not_after}, SHA-256 {item.sha256}."
                for item in self.chain
            ]
        remedy = self.trouble.causes[0] if self.trouble.causes else error.hint
        self.stages.append(
            StageResult(name=name, state=State.FAILED, details=tuple(details), remedy=remedy, ms=ms)
        )  # fmt: skip

    def _pass(self, name: str, *said: str, ms: int = 0) -> None:
        self.stages.append(StageResult(name=name, state=State.PASSED, details=said, ms=ms))

    def _warn(self, name: str, *said: str, remedy: str, ms: int = 0) -> None:
        self.stages.append(StageResult(name=name, state=State.WARNING, details=said, remedy=remedy, ms=ms))


def asked(request: Request, fetcher: Fetcher, calls: Calls, reader: ReportReader, folder: Path) -> Heard:
    """Return a small answer, read to its end. Raises: NetError, VendorError, LongWaitError."""
    started = time.perf_counter()
    hosts = detections = 0
    scans: list[ScanSummary] = []
    with tempfile.NamedTemporaryFile(dir=folder, suffix=".part") as spool:
        body = Path(spool.name)
        answer = fetcher.fetch(request, body)
        with body.open("rb") as source:
            reading = reader.open(source, request.resource)
            for page in reading.pages():
                hosts, detections = hosts + page.hosts.num_rows, detections + page.detections.num_rows
                scans += page.scans
        end = reading.end
        refused = calls.refusal(answer, request.resource, reading.kind, end.error_code, end.error)
    if refused is not None:
        raise refused
    return Heard(
        request=request, answer=answer, end=end, hosts=hosts, detections=detections, scans=tuple(scans),
        ms=round((time.perf_counter() - started) * 1000),
    )  # fmt: skip


def _left(quota: Quota) -> str:
    calls = "" if quota.calls is None else f"{quota.calls:,} calls in {quota.window_s or 0:,} s"
    left = "" if quota.remaining is None else f"{quota.remaining:,} of them left"
    at_once = "" if quota.at_once is None else f"{quota.at_once} at once"
    return ", ".join(filter(None, (calls, left, at_once)))
