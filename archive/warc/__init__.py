"""The room that speaks WARC: exchanges become records here, and members become heads, blocks and payloads."""
