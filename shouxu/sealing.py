"""What a plugin that brings a sealer (the hook `sealers`) builds on: faces and places, its error, and verdicts."""

from core.documents.seal import Certified, NullSealer, Sealer
from core.documents.seal_place import Place
from core.documents.stamp import SealFace
from core.documents.verification import Judging, Signature, State, Verdict
from core.errors import SealFailed

__all__ = [
    "Certified",
    "Judging",
    "NullSealer",
    "Place",
    "SealFace",
    "SealFailed",
    "Sealer",
    "Signature",
    "State",
    "Verdict",
]
