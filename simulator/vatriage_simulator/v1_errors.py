"""The errors of v1: HTTP 200 with an ERROR in the document that was asked for, or a GENERIC_RETURN.

Recorded (numbers, texts, forms) are 5000, 19001, 3509, 2001; 2007, 1960 and 999 are told by clients' code, as is the
text of 5101 for scan.php. Numbers from 99001 are the simulator's own stand-ins for what no public source shows.
"""

from datetime import datetime

from vatriage_simulator import markup
from vatriage_simulator.answers import XML_RETURN, Answer, Call, generic_return
from vatriage_simulator.resources import Resource

BAD_VALUE = 5000
"""An address, range or block that is none."""
NOT_IN_SUBSCRIPTION = 5101
"""Told for the asset functions; that scan.php has the same number is a stand-in, its text is a client's."""
NO_HOST_ALIVE = 3509
UNKNOWN_PROFILE = 19001
UNKNOWN_REFERENCE = 99001
NO_APPLIANCE = 99002
"""A private address and no Scanner Appliance: neither number nor text is public."""
UNKNOWN_APPLIANCE = 99003
TOO_MANY_SCANS = 99004
NOTHING_RUNNING = 99005
"""That an ERROR comes where nothing runs is told by a client; its number is not."""
NOT_CANCELLABLE = 99006
UNKNOWN_GROUP = 99007
PARAMETER_MISSING = 99008

_ROOTS = {
    Resource.SCAN: ("SCAN", ' value="None"', "scan-1.dtd"),
    Resource.SCAN_REPORT: ("SCAN", ' value="None"', "scan-1.dtd"),
    Resource.SCAN_REPORT_LIST: ("SCAN_REPORT_LIST", "", "scan_report_list.dtd"),
    Resource.SCAN_RUNNING_LIST: ("SCAN_RUNNING_LIST", "", "scan_running_list.dtd"),
    Resource.SCHEDULED_SCANS: ("SCHEDULEDSCANS", "", "scheduled_scans.dtd"),
}
_TEXTS = {
    BAD_VALUE: "Invalid value for 'ip' : x. Invalid IP or range.",
    NOT_IN_SUBSCRIPTION: "Cannot launch scan. These IPs are not in your subscription: 192.0.2.1",
    NO_HOST_ALIVE: "No host alive...",
    TOO_MANY_SCANS: "The maximum number of scans that may run at the same time has been reached.",
    2001: "Account Expired",
    2007: "Your IP address is not in the list of secure IPs.",
    999: "Internal error.",
}


class RefusedError(Exception):
    """The service would answer a v1 call with an error: its number and text."""

    def __init__(self, number: int, text: str) -> None:
        super().__init__(text)
        self.number = number
        self.text = text


def text_of(number: int) -> str:
    """Return the usual text of an error's number."""
    return _TEXTS.get(number, f"Error {number} of the simulator.")


def error_element(number: int, text: str) -> str:
    """Return an ERROR element; its text is padded with line ends, as recorded."""
    return f'<ERROR number="{number}">\n  {markup.text(text)}\n  </ERROR>\n'


def refusal(call: Call, now: datetime, resource: Resource, login: str, error: RefusedError) -> Answer:
    """Return an error in the form of the function that was called."""
    if resource not in _ROOTS:
        answer = generic_return(call, now, login, error.number, error.text)
    else:
        root, attributes, dtd = _ROOTS[resource]
        body = (
            '<?xml version="1.0" encoding="UTF-8" ?>\n'
            f'<!DOCTYPE {root} SYSTEM "{call.url}/{dtd}">\n'
            f"<{root}{attributes}>{error_element(error.number, error.text)}</{root}>\n"
        )
        answer = Answer(status=200, content_type=XML_RETURN, head=body)
    answer.refused = True
    return answer
