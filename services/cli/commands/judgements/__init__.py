"""Commands about classification: its model, and documents judged anew."""
