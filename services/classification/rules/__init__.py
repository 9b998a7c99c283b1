"""Rules of the plan that clerks write themselves: tried on the last letters first, then put in force."""
