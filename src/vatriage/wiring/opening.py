"""Opening and closing the store and the web face. Whatever imports Django's models is imported after that."""

from typing import TYPE_CHECKING

from vatriage.clock import Clock
from vatriage.config import Config
from vatriage.wiring.pulls import retention

if TYPE_CHECKING:
    from vatriage.store.opening import Tables
    from vatriage.usecases.doctor_machine import Machine


def open_store(config: Config) -> None:
    """Make the home folder if needed, configure Django on the database and bring its tables up to date.

    Raises:
        UsageError: the database's address cannot be read.
        StoreError: the home folder or the database cannot be used.
    """
    from vatriage.settings import configure, postgresql, sqlite  # noqa: PLC0415 - Django is imported only where needed
    from vatriage.store.opening import migrate, prepare_home  # noqa: PLC0415 - the same

    prepare_home(config.home)
    database = postgresql(config.server) if config.server else sqlite(config.database)
    configure(database, secret_key="unused until there is a web face")  # noqa: S106 - signs nothing
    migrate(config.home)


def open_web(config: Config, *, https: bool = False) -> None:
    """The same for the web face: its pages, sessions and logins as well.

    Raises:
        UsageError: the database's address cannot be read.
        StoreError: the home folder or the database cannot be used.
        VaultError: the key cannot be used.
    """
    from vatriage.settings import configure_web, postgresql, sqlite  # noqa: PLC0415 - Django is imported only where needed
    from vatriage.store.opening import migrate, prepare_home  # noqa: PLC0415 - the same
    from vatriage.vault import open_vault  # noqa: PLC0415 - the same

    prepare_home(config.home)
    database = postgresql(config.server) if config.server else sqlite(config.database)
    configure_web(database, open_vault(config.key).derive("sessions"), config, config.hosts, https=https)
    migrate(config.home)


def look_at_store(config: Config) -> "Tables":
    """Configure Django on the database that is there, and return how its tables stand; changes nothing.

    Raises:
        UsageError: the database's address cannot be read.
        StoreError: there is no database yet, or it cannot be used.
    """
    from vatriage.settings import configure, postgresql, sqlite  # noqa: PLC0415 - Django is imported only where needed
    from vatriage.store.opening import StoreError, look_at_tables  # noqa: PLC0415 - the same

    if not config.server and not config.database.exists():
        raise StoreError(f"There is no inventory in {config.home}.", "Run `vatriage init`, or choose another --home.")
    database = postgresql(config.server) if config.server else sqlite(config.database)
    configure(database, secret_key="unused until there is a web face")  # noqa: S106 - signs nothing
    return look_at_tables()


def machine(config: Config, clock: Clock) -> "Machine":
    """Return what the doctor looks at on this machine; the store must be open."""
    from vatriage.usecases.doctor_machine import Machine  # noqa: PLC0415 - needs an open store

    return Machine(
        home=config.home, database=config.database, where=database_shown(config), pages=config.pages,
        snapshots=config.snapshots, key=config.key, retention=retention(config), clock=clock,
    )  # fmt: skip


def close_store() -> None:
    """Close this process's connections: a child process must open its own."""
    from django.db import connections  # noqa: PLC0415 - Django is imported only where needed

    connections.close_all()


def database_shown(config: Config) -> str:
    """Return where the inventory is, for people: a file, or a server's database without the password."""
    if config.server is None:
        return str(config.database)
    from vatriage.settings import postgresql  # noqa: PLC0415 - only where a server is used

    parts = postgresql(config.server)
    user, port = f"{parts['USER']}@" if parts["USER"] else "", f":{parts['PORT']}" if parts["PORT"] else ""
    if parts["HOST"].startswith("/"):
        return f"postgresql://{user}{port}/{parts['NAME']}?host={parts['HOST']}"
    return f"postgresql://{user}{parts['HOST']}{port}/{parts['NAME']}"
