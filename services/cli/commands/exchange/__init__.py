"""Commands about specialist procedures: who takes part, where it is called, what it looks for."""
