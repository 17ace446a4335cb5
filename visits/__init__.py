"""检查: which bureau means to visit which shop, several visits made one (综合查一次), and how often is too often."""
