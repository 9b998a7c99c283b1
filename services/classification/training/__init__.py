"""What is trained beside the intake: a model of the words, its versions in the store, and the way back."""
