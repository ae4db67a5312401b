"""A real DNS server on loopback: UDP, a table of names, NXDOMAIN for all others, or silence."""

import socket
from threading import Thread

import dns.exception
import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset


class DnsServer:
    """Answers A and AAAA questions from a table. Use it in a with block; `address` is there inside.

    Args:
        names: absolute name without the last dot -> addresses; [] = the name exists and has none.
        rcode: answer every question with this instead; None = by the table.
        silent: answer nothing.
    """

    def __init__(self, names=None, *, rcode=None, silent=False):
        self.names = names or {}
        self.asked = []
        self._rcode = rcode
        self._silent = silent

    def __enter__(self):
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self.address = f"127.0.0.1:{self.port}"
        self._thread = Thread(target=self._serve, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as last:
            last.sendto(b"", ("127.0.0.1", self.port))
        self._thread.join()
        self._socket.close()

    def _serve(self):
        while True:
            wire, client = self._socket.recvfrom(4096)
            if not wire:
                return
            if not self._silent:
                self._socket.sendto(self._answer(dns.message.from_wire(wire)).to_wire(), client)

    def _answer(self, question):
        answer = dns.message.make_response(question)
        answer.flags |= dns.flags.RA
        (asked,) = question.question
        name = asked.name.to_text(omit_final_dot=True)
        self.asked.append((name, dns.rdatatype.to_text(asked.rdtype)))
        if self._rcode is not None:
            answer.set_rcode(self._rcode)
        elif name not in self.names:
            answer.set_rcode(dns.rcode.NXDOMAIN)
        else:
            wanted = [text for text in self.names[name] if (":" in text) == (asked.rdtype == dns.rdatatype.AAAA)]
            if wanted:
                answer.answer.append(dns.rrset.from_text(asked.name, 60, "IN", asked.rdtype, *wanted))
        return answer
