"""What is looked at before an application goes on: rules, risks, what excludes what."""
