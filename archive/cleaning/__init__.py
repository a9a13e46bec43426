"""The only room that reads HTML with BeautifulSoup: bytes of a page in, its article out, every cut with its rule."""
