"""OpenSearch as a plain process: what its class path is made of, and one node."""
