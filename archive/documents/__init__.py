"""The text inside the files that articles offer: PDF, Word, Excel, OpenDocument, RTF. Pure: bytes in, text out."""
