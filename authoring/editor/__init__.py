"""The policy editor: forms in which officers who do not code write a draft, tab by tab.

Everything typed travels in the form as nested records (state.py); a tab (tabs.py) shows them, checks them, and says
what they mean for the content of the version. Nothing is saved before 保存.
"""
