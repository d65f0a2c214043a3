"""Whether a paper is ours: by the code printed on it (for anybody), or by the file itself."""

from __future__ import annotations

from core.api.answers import FileAnswer, file_answer
from core.api.endpoints import Call, endpoint
from core.api.requests import CodeIs
from core.cases.verifying import verify_file, verify_number
from core.cases.views import Verification


@endpoint("GET", "/verify/{estate}/{series}/{number}", answer=Verification, query=CodeIs)
def read_verification(call: Call) -> Verification:
    """What became of a number, for whoever holds the paper; a wrong code is answered like no number."""
    return verify_number(call.office, call.session, call.estate, call["series"], call["number"], call.query.c)


@endpoint("POST", "/verify", "read", answer=FileAnswer, files=("file",), reads=True)
def post_verification(call: Call) -> FileAnswer:
    """The verdict on a Word or PDF file: ours and unchanged, changed, void, or not known."""
    return file_answer(verify_file(call.office, call.session, call.files["file"].data))
