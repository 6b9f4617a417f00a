"""The deadline sheet on the screen and on paper."""
