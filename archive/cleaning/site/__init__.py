"""The site model: rules learned from the archive's own captures of one host, where nobody wrote any."""
