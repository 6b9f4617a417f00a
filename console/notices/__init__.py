"""Turns an error or an event into one sentence, a severity and one action for the operator."""
