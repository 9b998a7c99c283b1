"""A city on one machine: real servers, every service as a process of its own, one address before them.

`python -m deploy.cluster` (`make run-cluster`) is a development tool and what the stack tests use; a city runs
docker-compose or what it has.
"""
