"""Proxy, DNS and TLS settings as something that is submitted and activated; their one subject is the appliance."""

from vatriage.clock import Clock, now_us
from vatriage.errors import UsageError
from vatriage.store.parameters import write_parameter
from vatriage.usecases.config_kind import ConfigKind, Content
from vatriage.usecases.kept_passwords import check_proxy_password_kept
from vatriage.usecases.parameter_checks import check_dns, check_proxy, check_tls
from vatriage.usecases.parameters import APPLIANCE, acting, shown


class _ParameterKind:
    """What the three kinds share: there is always something that acts, and nothing to confirm."""

    name = ""

    def current(self, subject: str) -> Content | None:
        """See ConfigKind.current."""
        self._check_subject(subject)
        return acting(self.name)

    def check(self, subject: str, content: Content) -> None:
        """See ConfigKind.check. Raises: FieldError."""
        self._check_subject(subject)
        self._check(content)

    def check_kept(self, before: Content, content: Content) -> None:
        """See ConfigKind.check_kept: no password is among them."""

    def noted(self, subject: str, content: Content | None, now: int) -> None:
        """See ConfigKind.noted: nothing is listed before it acts."""

    def renamed(self, subject: str, name: str, now: int) -> None:  # noqa: ARG002 - ConfigKind's signature
        """See ConfigKind.renamed: never."""
        raise UsageError(f"The {self.name} settings of the appliance have no other name.")

    def confirmed(self, content: Content, addresses: int) -> Content:  # noqa: ARG002 - ConfigKind's signature
        """See ConfigKind.confirmed."""
        return content

    def to_confirm(self, content: Content) -> int | None:  # noqa: ARG002 - ConfigKind's signature
        """See ConfigKind.to_confirm."""
        return None

    def apply(self, subject: str, content: Content | None, now: int) -> None:
        """See ConfigKind.apply; None goes back to the default."""
        self._check_subject(subject)
        write_parameter(self.name, content, now)

    def shown(self, content: Content) -> Content:
        """See ConfigKind.shown."""
        return shown(self.name, content)

    def _check(self, content: Content) -> None:
        raise NotImplementedError

    def _check_subject(self, subject: str) -> None:
        if subject != APPLIANCE:
            raise UsageError(f"There are no {self.name} settings of {subject!r}.", f"Name {APPLIANCE!r}.")


class ProxyKind(_ParameterKind):
    """See ConfigKind."""

    name = "proxy"

    def check_kept(self, before: Content, content: Content) -> None:
        """See ConfigKind.check_kept."""
        check_proxy_password_kept(before, content)

    def _check(self, content: Content) -> None:
        check_proxy(content)


class DnsKind(_ParameterKind):
    """See ConfigKind."""

    name = "dns"

    def _check(self, content: Content) -> None:
        check_dns(content)


class TlsKind(_ParameterKind):
    """See ConfigKind.

    Args:
        clock: accepting any certificate must end soon.
    """

    name = "tls"

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def _check(self, content: Content) -> None:
        check_tls(content, now_us(self._clock))


def parameter_kinds(clock: Clock) -> tuple[ConfigKind, ...]:
    """Return the kinds, in the order in which they are applied."""
    return (ProxyKind(), DnsKind(), TlsKind(clock))
