"""Tesseract as the OCR engine, in processes that can be killed."""

from services.adapters.ocr_engine.tesseract.engine import OcrLimits, TesseractOcrEngine

__all__ = ["OcrLimits", "TesseractOcrEngine"]
