"""The file plan as clerks and administrators meet it: shown, searched, put in force."""
