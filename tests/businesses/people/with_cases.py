"""Cases are of another room: here everybody has one of everybody, where a test says so."""

from businesses import needs


def everybody_has_a_case(monkeypatch):
    monkeypatch.setattr(needs, "RULES", [lambda user, operators: {operator: set() for operator in operators}])
