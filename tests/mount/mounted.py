"""Cases that share one mount, which nothing of theirs changes."""
import unittest

import fixtures
from harness import Mount


class Mounted(unittest.TestCase):
    """`make` is the function of fixtures that makes the library."""
    make = None

    @classmethod
    def setUpClass(cls):
        cls.library = fixtures.library(cls.make)
        cls.mount = Mount(cls.library)
        cls.mount.__enter__()

    @classmethod
    def tearDownClass(cls):
        cls.mount.__exit__(None, None, None)
