"""Tesseract as the OCR engine, in processes that can be killed."""

from services.adapters.ocr_engine.tesseract.engine import TesseractOcrEngine
from services.adapters.ocr_engine.tesseract.limits import OcrLimits

__all__ = ["OcrLimits", "TesseractOcrEngine"]
