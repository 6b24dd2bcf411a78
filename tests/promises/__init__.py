"""The promises of the product, each held against a store that fails in every way a network can."""
