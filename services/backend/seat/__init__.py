"""The web seats at `/seat/`: small server-rendered pages for departments, streets and field staff."""
