"""Sound on this machine: tones, the device they go to, and the dialog that sets them."""
