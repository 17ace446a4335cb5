"""Asking several institutions for the same: whom, what each may see, whose offer is taken."""
