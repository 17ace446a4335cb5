"""Labour contracts and gig agreements: clause by clause from what both already said, confirmed by both, on paper."""
