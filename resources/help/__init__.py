"""The manual: short pages in Chinese, read by people and later by F1."""
