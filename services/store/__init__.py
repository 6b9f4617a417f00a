"""The console's encrypted outbox and cache databases."""
