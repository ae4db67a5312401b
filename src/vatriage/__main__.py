"""`python -m vatriage`: errors become sentences and exit codes, never tracebacks."""

import os
import sys

from vatriage.cli.main import app
from vatriage.errors import VatriageError


def main() -> None:
    """Run the command line and exit with its code (docs/reference/exit-codes.md)."""
    sys.exit(run())


def run() -> int:
    """Return the exit code of the command line in sys.argv."""
    try:
        result = app(standalone_mode=False)
    except VatriageError as error:
        print(f"vatriage: {error.message}", error.hint, file=sys.stderr)  # noqa: T201 - this is the face
        return error.exit_code
    except KeyboardInterrupt:
        print("vatriage: interrupted; nothing is half-committed.", file=sys.stderr)  # noqa: T201 - this is the face
        return 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # the reader has left; nobody is listening
        return 0
    except OSError as error:
        print(  # noqa: T201 - this is the face
            f"vatriage: {error.filename or 'a file'} cannot be used: {error.strerror or error}. Check the disk's space and "
            "the permissions; what was committed before stands.",
            file=sys.stderr,
        )
        return 8
    except Exception as error:  # noqa: BLE001 - the one place where a bug of ours becomes a sentence
        return _report(error)
    return result if isinstance(result, int) else 0


def _report(error: Exception) -> int:
    """Say what typer or we ourselves did not expect."""
    show = getattr(error, "show", None)
    if callable(show) and hasattr(error, "exit_code"):
        show()
        return int(error.exit_code)
    if os.environ.get("VATRIAGE_TRACEBACK"):
        raise error
    if _is_databases(error):
        print(  # noqa: T201 - this is the face
            f"vatriage: the database cannot be used: {error}. Check the disk's space and the permissions; what was "
            "committed before stands.",
            file=sys.stderr,
        )
        return 8
    print(  # noqa: T201 - this is the face
        f"vatriage: this should not have happened: {type(error).__name__}: {error}. Earlier data are untouched; set "
        "VATRIAGE_TRACEBACK=1 and run it again to see where it happened, then report it.",
        file=sys.stderr,
    )
    return 70


def _is_databases(error: Exception) -> bool:
    """Whether the database itself is in trouble (disk, lock, connection), which is no bug of ours."""
    databases = sys.modules.get("django.db")
    return databases is not None and isinstance(error, databases.OperationalError)


if __name__ == "__main__":
    main()
