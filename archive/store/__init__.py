"""The only room with SQL: connections, schema, and one file for each kind of thing that is kept."""
