"""The network that the tests of this lesson attack."""

from small_network import small  # noqa: F401 (a fixture)
