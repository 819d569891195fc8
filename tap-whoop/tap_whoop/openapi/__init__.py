"""The WHOOP API v2 specification, as the vendor publishes it, unchanged.

Published at https://api.prod.whoop.com/developer/doc/openapi.json. The copy ``whoop.json`` has 22
paths and 35 schemas, ``Cycle.step_count`` among them; it carries no version of its own.
"""
