"""Speed and memory, measured beside something bare on the same machine in the same run."""
