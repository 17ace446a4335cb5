"""/me/: what the government knows about my shop, who may act for it, where money goes. For somebody signed in.

Which of several shops is meant stands in the session (``shop``). A shop, mandate or request of somebody else is 404.
"""
