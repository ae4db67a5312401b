"""docs/images/demo.svg: the beginning of what `vatriage demo` prints, as a picture.

    python -m tests.docs.write_picture

Real output; only the path of the checkout is shortened. It names no font on the net: the viewer's own monospace is used.
"""

import re
import subprocess
import sys
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console
from rich.terminal_theme import MONOKAI
from rich.text import Text

ROOT = Path(__file__).parents[2]
PICTURE = ROOT / "docs" / "images" / "demo.svg"
_LAST = re.compile(r"^UNKNOWN ", re.MULTILINE)
"""The picture ends before the first explanation of an UNKNOWN."""


def main() -> None:
    """Run the demo and write the picture."""
    with TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "vatriage", "demo", "--folder", f"{folder}/demo"]
        printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    shown = printed[: found.start()] if (found := _LAST.search(printed)) else printed
    shown = shown.replace(f"{ROOT}/", "").replace("simulator/vatriage_simulator/demo/", "").rstrip()
    console = Console(record=True, width=118, file=StringIO(), force_terminal=True, highlight=False)
    console.print(Text("$ vatriage demo", style="bold green"))
    for line in shown.splitlines():
        console.print(Text(line, style="bold" if re.match(r"[A-Z_]+  ", line) else ""))
    PICTURE.write_text(_without_fonts(console.export_svg(title="vatriage demo", theme=MONOKAI)))


def _without_fonts(picture: str) -> str:
    return re.sub(r"@font-face \{.*?\}\s*", "", picture, flags=re.DOTALL).replace("Fira Code, monospace", "monospace")


if __name__ == "__main__":
    main()
