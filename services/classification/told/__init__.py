"""What specialist procedures tell of a document's place: where it belongs, and the numbers they keep it by."""
