"""The rule language: one rule as data, read four ways.

``rules`` turns a version's content into a checked ``Rule``; ``verdict`` reads it for one profile, ``sql`` over all
shops, ``sentence`` as Chinese, ``answers`` as the answers still worth asking for. ``states`` and ``amounts`` say what
follows for the owner. Plain Python: no model is imported here.
"""
