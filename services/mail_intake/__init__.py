"""Takes mail by SMTP, LMTP and HTTP, stores it untouched and answers with a receipt."""
