"""Which post and which person fit: what each asks of the other, for all pairs at once and for one."""
