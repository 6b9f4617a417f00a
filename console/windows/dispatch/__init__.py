"""派遣席: live queue, grid map, case panel."""
