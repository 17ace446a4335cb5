"""How somebody shows who they are: codes, passwords, second factors, sessions."""
