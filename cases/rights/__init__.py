"""Who may do what with a case: right and department, parts already had, interests, whose numbers are needed."""
