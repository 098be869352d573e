from small_network import small  # noqa: F401 (a fixture)
