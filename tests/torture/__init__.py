"""Files made to harm, and what their neighbours feel of them."""
