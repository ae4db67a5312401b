"""/msp/about.php: the v1 version document, which clients call to see whether they are let in.

Source: the sample in a client's manual (element names); the version numbers are the simulator's own.
"""

from vatriage_simulator import markup
from vatriage_simulator.answers import XML_RETURN, Answer, Call
from vatriage_simulator.subscription import Subscription


def about(sim: Subscription, call: Call, login: str) -> Answer:
    """Answer the version document; parameters are not looked at."""
    user = markup.text(login).replace("--", "- -")
    body = (
        '<?xml version="1.0" encoding="UTF-8" ?>\n'
        f'<!DOCTYPE ABOUT SYSTEM "{call.url}/about.dtd">\n'
        '<ABOUT>\n  <API-VERSION MAJOR="1" MINOR="4" />\n'
        + markup.lines(
            2,
            markup.element("WEB-VERSION", "10.0.0-1"),
            markup.element("SCANNER-VERSION", "12.0.0-1"),
            markup.element("VULNSIGS-VERSION", "2.5.0-1"),
        )
        + f'</ABOUT>\n<!-- Generated for username="{user}" date="{markup.instant(sim.clock.now())}" -->\n'
    )
    return Answer(status=200, content_type=XML_RETURN, head=body)
