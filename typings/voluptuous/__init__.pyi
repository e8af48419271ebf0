# Home Assistant puts probatio in voluptuous' place since 2026.10, and its own annotations say so.
from probatio import *
