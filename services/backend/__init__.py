"""The centre: routes, log, sequencer and web seats. Imports domain, geo and sql only."""
