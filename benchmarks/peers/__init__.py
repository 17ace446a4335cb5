"""The same nine money benefits as others would write them. Each module needs an optional package."""
