"""The register over the API: what is read, what is answered, and the views between."""
