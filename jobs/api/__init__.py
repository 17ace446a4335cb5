"""The labour market over the API: posts for everybody, the own card, contacts. No phone is in any answer."""
