"""Text that a person searches for, as a condition that SQLite and PostgreSQL read alike, whatever the case."""


def holds(column: str) -> str:
    """Return the condition that a column fits a pattern (`anywhere`, `at_the_beginning`), which is its one value."""
    return f"LOWER({column}) LIKE LOWER(%s) ESCAPE '!'"


def anywhere(text: str) -> str:
    """Return the pattern of what has a text somewhere in it."""
    return f"%{at_the_beginning(text)}"


def at_the_beginning(text: str) -> str:
    """Return the pattern of what begins with a text."""
    return text.replace("!", "!!").replace("%", "!%").replace("_", "!_") + "%"
