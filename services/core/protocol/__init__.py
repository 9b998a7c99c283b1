"""The acts that several services share: accepting post, and revising a record.

The highest package of the core: the order of its calls is what keeps the promises.
"""
