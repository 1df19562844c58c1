"""The sync engine: connector spaces, a metaverse, rules as data, run profiles. Knows neither emulators nor harness."""
