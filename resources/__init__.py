"""Presets, data and icons that ship with the program."""
