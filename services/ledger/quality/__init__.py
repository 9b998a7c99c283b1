"""How good classification is: figures from what clerks decided, as JSON, as a page and as metrics."""
