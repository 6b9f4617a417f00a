"""Automatic rules (自动规则) at the seat of who leads the shift."""
