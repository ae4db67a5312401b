"""The only door to expat: a parser that loads nothing, expands nothing and is given no DOCTYPE.

expat is the strict reference: what it refuses is not well-formed XML 1.0.
"""

from xml.parsers import expat

ExpatError = expat.ExpatError


class ExpansionError(Exception):
    """The document uses a DOCTYPE or an entity of its own where none may be."""


def new_parser() -> expat.XMLParserType:
    """Return a namespace-unaware UTF-8 parser that raises ExpansionError for any DOCTYPE or external entity."""
    parser = expat.ParserCreate("utf-8")
    parser.buffer_text = True
    parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
    parser.StartDoctypeDeclHandler = _refuse
    parser.ExternalEntityRefHandler = _refuse
    return parser


def message_of(error: ExpatError) -> str:
    """Return expat's words for an error, without a line and column that mean nothing inside a block."""
    return expat.ErrorString(error.code) or str(error)


def _refuse(*_: object) -> int:
    """Stop the parser."""
    raise ExpansionError("a DOCTYPE or an external entity is not allowed here")
