"""The invented demo district: areas, people, cases, all from one seed."""
