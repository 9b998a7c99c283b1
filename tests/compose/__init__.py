"""The unmodified docker-compose.yml and Dockerfile on a real engine of our own, with stand-ins for images.

`make test-compose` runs it; `alone` says where, `stand_ins` what stands in for what.
"""
