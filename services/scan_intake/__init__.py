"""Takes scans by HTTP and from a watched folder, stores them untouched and answers with a receipt."""
