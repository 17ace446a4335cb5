"""Official letters as PDF."""
