"""How fast questions are answered over many documents, beside a warm Lucene over the same texts and questions."""
