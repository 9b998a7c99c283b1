"""The workbench (Posteingang): what waits, letter and decision side by side. For `services.filing.pages` alone."""
