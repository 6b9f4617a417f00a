"""Adapters of the telephone port: a softphone (baresip), a hall's switch (CTI), a scripted one for drills and tests."""
