"""What stands before every route.

It sees each request first and each answer last, and knows nothing of what is asked for.
"""
