"""What the centre learns from its log: experience of units, followed change by change."""
