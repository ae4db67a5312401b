"""`python -m vatriage`: errors become sentences and exit codes, never tracebacks.

Nothing heavy is imported before the signals are listened to: Ctrl-C must be answered from the first instant.
"""

import os
import sys
from io import TextIOWrapper

from vatriage.cli.printable import printable_lines
from vatriage.cli.stopping import Stopped, deafen, listen, silence, tell
from vatriage.errors import VatriageError
from vatriage.store.opening import as_store_error


def main() -> None:
    """Run the command line and exit with its code (docs/reference/exit-codes.md)."""
    try:
        listen()
        code = run()
        deafen()
    except Stopped as stopped:
        deafen()
        tell(stopped)
        code = stopped.exit_code
    sys.exit(code)


def run() -> int:
    """Return the exit code of the command line in sys.argv."""
    code = 0
    try:
        code = _call()
        sys.stdout.flush()
    except BrokenPipeError:
        silence(sys.stdout)
    except SystemExit as error:  # what rich and click do when their own reader has left
        silence(sys.stdout)
        return code if isinstance(error.__context__, BrokenPipeError) else int(error.code or 0)
    except VatriageError as error:
        _say(f"{error.message} {error.hint}")
        return error.exit_code
    except OSError as error:
        _say(
            f"{error.filename or 'a file'} cannot be used: {error.strerror or error}. Check the disk's space and "
            "the permissions; what was committed before stands."
        )
        silence(sys.stdout)
        return 8
    except Exception as error:  # noqa: BLE001 - the one place where a bug of ours becomes a sentence
        return _report(error)
    return code


def _call() -> int:
    """Call the verb; return its code. typer's own way to do so answers signals and closed pipes without a word."""
    import typer  # noqa: PLC0415 - heavy: signals are listened to before it is imported
    from typer.main import get_command  # noqa: PLC0415 - the same

    from vatriage.cli.main import app  # noqa: PLC0415 - the same

    if isinstance(sys.stdout, TextIOWrapper):  # not where a test took its place
        sys.stdout.reconfigure(errors="backslashreplace")  # the name of a file may be no text at all
    command = get_command(app)
    try:
        with command.make_context("vatriage", sys.argv[1:]) as context:
            command.invoke(context)
    except typer.Exit as ended:
        return int(ended.exit_code)
    return 0


def _say(text: str) -> None:
    """Print one sentence on standard error, if anybody reads it."""
    try:
        print(f"vatriage: {printable_lines(text)}", file=sys.stderr, flush=True)  # noqa: T201 - this is the face
    except OSError:
        silence(sys.stderr)


def _report(error: Exception) -> int:
    """Say what the database, typer or we ourselves did not expect."""
    if failed := as_store_error(error):
        _say(f"{failed.message} {failed.hint}")
        return failed.exit_code
    show = getattr(error, "show", None)
    if callable(show) and hasattr(error, "exit_code"):
        show()
        return int(error.exit_code)
    if os.environ.get("VATRIAGE_TRACEBACK"):
        raise error
    _say(
        f"this should not have happened: {type(error).__name__}: {error}. Earlier data are untouched; set "
        "VATRIAGE_TRACEBACK=1 and run it again to see where it happened, then report it."
    )
    return 70


if __name__ == "__main__":
    main()
