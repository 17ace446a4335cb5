"""The evidence wallet: what people have uploaded once, where it lies, and how it is shown."""
