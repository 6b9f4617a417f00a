"""What a screen shows and can do; QtCore only, testable with no screen."""
