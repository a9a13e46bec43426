"""Where to go: one TOML per portal, data only."""
