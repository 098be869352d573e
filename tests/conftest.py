"""The one option of our own. Fixtures stand beside the tests that use them, and in tools."""


def pytest_addoption(parser):
    parser.addoption(
        "--as-on-colab",
        action="store_true",
        help="run solved notebooks from a clone in an empty folder, with a stand-in google.colab",
    )
