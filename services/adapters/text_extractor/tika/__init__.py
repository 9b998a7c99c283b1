"""Apache Tika as the text extractor: a server of our own, or servers elsewhere."""

from services.adapters.text_extractor.tika.extractor import ReadingLimits, TikaTextExtractor

__all__ = ["ReadingLimits", "TikaTextExtractor"]
