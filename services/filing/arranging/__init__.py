"""Pages of a scan that a clerk arranges as other documents: split, joined, in another order, turned."""
