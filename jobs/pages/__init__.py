"""Pages of the labour market: for shops that have work, and for people who look for it."""
