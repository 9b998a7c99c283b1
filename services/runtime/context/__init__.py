"""What a service declares and is given to work with: context, configuration, log, and the turn to work.

Imported by everything above it in the runtime and by every service.
"""
