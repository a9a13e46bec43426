"""The archivist's half: goes out to the portals and deposits what comes back."""
