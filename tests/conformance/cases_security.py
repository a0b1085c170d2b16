"""Firmware, diagnostics and the security extension."""
import os
import ssl

import ws
from tool import case
