"""In-memory fakes of the ports, for the simulation and for component tests; nobody runs them in earnest."""
