"""SIMPLE_RETURN: Qualys's short answers, which are errors if they carry a CODE (API guide, appendix D)."""

from vatriage.vendors.qualys.frame import AnswerFrame

SIMPLE_RETURN = "SIMPLE_RETURN"
"""The root element."""


def error_of(frame: AnswerFrame) -> str:
    """Return what the answer says is wrong, "" if it is a notice (logged in, scan launched)."""
    if not frame.code:
        return ""
    text = " ".join(frame.text.split())
    return f"Qualys answered {frame.code}: {text}" if text else f"Qualys answered {frame.code}."
