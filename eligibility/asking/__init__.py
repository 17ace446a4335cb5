"""问一问: a question in an owner's own words, answered from the evaluated rule. No language model; no figure that the
rules did not give."""
