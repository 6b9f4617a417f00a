"""Pictures of screens, with a text dump of their structure."""
