"""Services over the API: what there is for everybody, requests for whoever asks, legs for whoever answers, and what
owners let institutions read."""
