"""Marks in the store that lead from what a letter names, a Message-ID or a number, to the documents it means."""
