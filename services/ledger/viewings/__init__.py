"""Reading the audit log: who looked at which protected document, and whether its chain is whole."""
