"""The watched folder: scans that lie still in `inbox/<source>/` are taken and put away with a receipt or a reason."""
