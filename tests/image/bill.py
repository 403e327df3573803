"""A bill of materials, judged by the reader of the SPDX project."""
import tempfile

from spdx_tools.spdx.model import Document
from spdx_tools.spdx.parser.error import SPDXParsingError
from spdx_tools.spdx.parser.parse_anything import parse_file
from spdx_tools.spdx.validation.document_validator import validate_full_spdx_document


def problems_of(text):
    """What is wrong with an SPDX document in JSON, as text; empty: nothing."""
    with tempfile.NamedTemporaryFile("w", suffix=".spdx.json") as file:
        file.write(text)
        file.flush()
        try:
            document: Document = parse_file(file.name)
        except SPDXParsingError as error:
            return error.get_messages()
    return [message.validation_message for message in validate_full_spdx_document(document)]
