"""时限说明书: the sheet on the screen and on paper."""
