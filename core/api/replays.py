"""Idempotency-Key: the same key with the same request has one effect and one answer, however often it is sent.

The answer is stored, sealed, in the transaction of the effect: both are there or neither. Whoever comes second waits at
the key's row until the first is done. A refusal undoes everything, also the key.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from pyramid.response import Response
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from core.errors import FieldProblem, InvalidInput, Refused
from core.security.fields import FieldCipher
from core.store.models import IdempotentAnswer, new_id
from core.store.upsert import insert

HEADER = "Idempotency-Key"
KEPT = timedelta(hours=48)
LONGEST = 200
OTHER_REQUEST, BAD_KEY = 2106, 2111
REPLAYED = ("ETag", "Location", "Content-Language")
"""Headers that belong to the answer."""


def key_of(headers: Mapping[str, str]) -> str | None:
    """The key of a request; None without one. Refused when it is not 1 to LONGEST printable ASCII characters."""
    said = headers.get(HEADER)
    if said is None:
        return None
    if not 0 < len(said) <= LONGEST or not said.isascii() or not said.isprintable():
        raise Refused(f"{HEADER} 应为 1 至 {LONGEST} 个可见的 ASCII 字符", number=BAD_KEY)
    return said


class Replay:
    """The place of one key in one transaction."""

    def __init__(self, session: Session, cipher: FieldCipher, estate: str, user: str, key: str) -> None:
        self.session, self.cipher, self.estate, self.user, self.key = session, cipher, estate, user, key
        self._row = ""

    def answer(self, request: str, at: datetime) -> Response | None:
        """The answer given before to the same request; None: the key is ours now, go on and `keep`.

        `request`: SHA-256 of what was asked. InvalidInput SX-2106 when the key was used for something else.
        """
        self.session.execute(delete(IdempotentAnswer).where(IdempotentAnswer.user_id == self.user,
                                                            IdempotentAnswer.at < at - KEPT))
        claim = insert(self.session, IdempotentAnswer).values(
            id=new_id(), user_id=self.user, key=self.key, request=request, status=0, body=b"", at=at)
        claim = claim.on_conflict_do_nothing(index_elements=["user_id", "key"]).returning(IdempotentAnswer.id)
        claimed = self.session.scalar(claim)
        if claimed is not None:
            self._row = claimed
            return None
        row = self.session.scalars(select(IdempotentAnswer).where(
            IdempotentAnswer.user_id == self.user, IdempotentAnswer.key == self.key)).one()
        if row.request != request:
            refused = InvalidInput([FieldProblem(HEADER, "这个键已用于另一个请求", OTHER_REQUEST)],
                                   f"{HEADER} 已用于另一个请求；每个请求请用新的键")
            refused.number = OTHER_REQUEST
            raise refused
        return self._again(row)

    def keep(self, response: Response) -> None:
        """Store the answer beside its effect."""
        said = {"headers": {name: response.headers[name] for name in REPLAYED if name in response.headers},
                "body": response.body.decode()}
        self.session.flush()
        self.session.execute(update(IdempotentAnswer).where(IdempotentAnswer.id == self._row).values(
            status=response.status_int, body=self.cipher.seal(self.estate, said)))

    def _again(self, row: IdempotentAnswer) -> Response:
        said = self.cipher.open(self.estate, row.body)
        response = Response(said["body"].encode(), status=row.status, content_type="application/json")
        response.headers.update(said["headers"])
        response.headers["Idempotent-Replayed"] = "true"
        return response
