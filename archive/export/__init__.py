"""What leaves the archive as packages for others, and what comes in from theirs."""
