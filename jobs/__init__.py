"""The labour market: work that shops have to give, people who look for it, and how the two come together. Matched both
ways with reasons; phones are shown only between two who talk."""
