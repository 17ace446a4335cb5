"""What the API answered when version 1 was frozen, and still answers: 368 requests over all operations, byte for byte.

``python -m tests.corpus`` writes ``answers.jsonl`` anew. What then differs in it is a change of the contract.
"""
