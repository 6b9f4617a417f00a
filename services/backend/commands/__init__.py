"""From a request body to a decided, stored and answered command (contract section 4)."""
