"""Pages of services for owners: what there is, one of them, its form, and what their cases show."""
