"""Data without logic: icons, styles, translations, sounds, reference tables, demo recipe, help."""
