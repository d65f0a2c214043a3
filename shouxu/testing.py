"""What the tests of a plugin inherit from: what every PDF converter and every sealer must do."""

from core.documents.contracts import PdfConverterContract, SealerContract, sample_word

__all__ = ["PdfConverterContract", "SealerContract", "sample_word"]
