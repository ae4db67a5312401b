"""Cells of tables that people open in a spreadsheet."""


def defused(text: str) -> str:
    """Return a cell that no spreadsheet takes for a formula: an apostrophe stands in front of what looks like one."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r", "\n")) else text
