"""Search over what the city offers: folding of what is typed, everyday words, slips and pinyin, and what is found."""
