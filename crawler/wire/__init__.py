"""What crosses the connection: our own HTTP/1.1 client, whose every byte is kept."""
