"""German words for the search: one spelling, stems, compounds, and the forms under which a word is found."""
