"""What the product costs, measured against the plain way and against peers (shared protocol: docs of each module)."""
