"""What an operator's command means, told through ports."""
