"""How well documents are found: graded questions over letters, asked through the product's own query code."""
