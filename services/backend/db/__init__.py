"""The centre's database: tables, packing of the log's bodies, opening and upgrading."""
