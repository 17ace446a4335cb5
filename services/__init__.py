"""What a city gives that is no money: an answer, a loan offer, a seat, an adviser, a step done. Each is an offering;
each request for one is a case that ends in a named outcome."""
