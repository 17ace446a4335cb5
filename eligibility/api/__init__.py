"""Questions of who fits, over the API."""
