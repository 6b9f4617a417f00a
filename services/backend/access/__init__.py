"""Who may come in: accounts, passwords, sessions, the audit trail."""
