"""Sheets looked at with ZXing and PDFium, in processes that can be killed."""

from services.adapters.sheet_reader.zxing.reader import SheetLimits, ZxingSheetReader

__all__ = ["SheetLimits", "ZxingSheetReader"]
