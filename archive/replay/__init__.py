"""The reading room: the only room that speaks HTTP. It shows what a Reader finds and never asks the live web."""
