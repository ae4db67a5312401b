import codecs
import io
import socket

import pytest

from unit.vendors.qualys_documents import host, host_list_answer, read
from vatriage.vendors.xml.prolog import PROLOG_LIMIT, PrologError, open_document
from vatriage.vendors.xml.source import ByteSource

ROOT = b"<HOST_LIST_OUTPUT><RESPONSE/></HOST_LIST_OUTPUT>"


def opened(document):
    return open_document(ByteSource(io.BytesIO(document)))


@pytest.mark.parametrize(
    "before",
    [
        b"",
        b"\n\n  \t\r\n",
        codecs.BOM_UTF8,
        codecs.BOM_UTF8 + b'<?xml version="1.0"?>',
        b'<?xml version="1.0" encoding="UTF-8" ?>\n<!-- keep-alive -->\n<!-- <HOST> -->',
        b'\n\n<?xml version="1.0"?>',
        b'some stray text\n<?xml version="1.0"?>\n',
        b'<?xml version="1.0"?><?xml-stylesheet href="x>y"?>',
        b'<!DOCTYPE HOST_LIST_OUTPUT SYSTEM "">',
        b"<!DOCTYPE HOST_LIST_OUTPUT SYSTEM\n  'https://qualysapi.example/a>b.dtd'\n>",
        b'<!DOCTYPE HOST_LIST_OUTPUT PUBLIC "-//X" "y">',
        b"<!DOCTYPE HOST_LIST_OUTPUT [<!ELEMENT A (#PCDATA)> <!ATTLIST A b CDATA '>]'> <!-- '>]> --> ]>",
        b"<!-- " + b"x" * 200_000 + b" -->",
        b"<!-- keep-alive -->\n" * 20_000,
    ],
)
def test_what_may_stand_before_the_root_is_stepped_over(before):
    prolog = opened(before + ROOT)

    assert (prolog.root, prolog.encoding, prolog.offset) == ("HOST_LIST_OUTPUT", "", len(before))
    assert prolog.rest.startswith(b"<HOST_LIST_OUTPUT>")


@pytest.mark.parametrize(
    ("document", "words"),
    [
        (b"", "empty"),
        (b" \n ", "empty"),
        (b"ACCESS DENIED", "begins with 'ACCESS DENIED'"),
        (b"x" * 300_000, "no XML"),
        (b'{"ServiceResponse": {"xml": "<a>"}}', "JSON"),
        (b"[1]", "JSON"),
        (b"<html><body>Log in</body></html>", "HTML"),
        (b"<!DOCTYPE html>\n<html lang='en'>", "HTML"),
        (b'<!doctype HTML PUBLIC "-//W3C//DTD HTML 4.01//EN"><HTML>', "HTML"),
        (b"<1234567890123456789>", "no XML"),
        ("<?xml version='1.0' encoding='UTF-16'?><A/>".encode("utf-16"), "UTF-16"),
        ("<A/>".encode("utf-16-le"), "UTF-16"),
        ("<A/>".encode("utf-32-be"), "UTF-16 or UTF-32"),
        ("<A/>".encode("utf-32"), "UTF-32"),
        (b"<?xml version='1.0' encoding='UTF-16'?><A/>", "UTF-16"),
        (b"<?xml version='1.0' encoding='Shift_JIS'?><A/>", "Shift_JIS"),
        (b"<!DOCTYPE A [<!ENTITY b 'c'>]><A/>", "entities"),
        (b"<!DOCTYPE A [<!ENTITY % p SYSTEM 'http://localhost/'> %p;]><A/>", "entities"),
    ],
)
def test_what_is_no_readable_xml_is_told_by_name(document, words):
    with pytest.raises(PrologError, match=words):
        opened(document)


def test_a_prolog_without_end_is_given_up():
    with pytest.raises(PrologError, match="no root element"):
        opened(b"<!--" + b"x" * (2 * PROLOG_LIMIT))


@pytest.mark.parametrize("size", range(len(b"<?xml version='1.0'?><!DOCTYPE A SYSTEM 'b'><!-- c --><A")))
def test_a_document_cut_in_its_prolog_is_partial_or_empty(size):
    with pytest.raises(PrologError):
        opened(b"<?xml version='1.0'?><!DOCTYPE A SYSTEM 'b'><!-- c --><A"[:size])


def test_the_address_in_a_doctype_is_never_connected_to():
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        address = f"http://127.0.0.1:{server.getsockname()[1]}/host_list_output.dtd"
        body = host_list_answer(host(7)).partition(b"?>")[2]

        found = read(f'<?xml version="1.0"?><!DOCTYPE HOST_LIST_OUTPUT SYSTEM "{address}">'.encode() + body)

        assert [row["host_id"] for row in found.hosts] == [7]
        with pytest.raises(BlockingIOError):
            server.accept()


def test_an_entity_bomb_is_refused_in_one_sentence():
    levels = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 12))
    bomb = f'<!DOCTYPE HOST_LIST_OUTPUT [<!ENTITY e0 "ha">{levels}]>'.encode()

    found = read(bomb + host_list_answer(host(1, OS="&e11;")).partition(b"?>")[2])

    assert "declares entities" in found.end.error
    assert found.hosts == []
