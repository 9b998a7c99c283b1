"""Events, the envelope they travel in, the topics they lie on, and who may read and write those.

Imported by ports, model, protocol and services; knows the file plan only for what procedures subscribe to.
"""
