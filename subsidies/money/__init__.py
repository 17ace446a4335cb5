"""What becomes of the money: envelopes, grants, the bank's file, what came back."""
