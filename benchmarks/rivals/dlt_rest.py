"""The same pages by dlt's REST source, each record on a line.

Arguments: base URL, begin, end. The access token is in ACCESS_TOKEN.
"""

from __future__ import annotations

import json
import os
import sys

from dlt.sources.rest_api import rest_api_resources

COLLECTIONS = ("/v2/cycle", "/v2/activity/sleep", "/v2/recovery", "/v2/activity/workout")

url, begin, end = sys.argv[1:]
token = os.environ["ACCESS_TOKEN"]
resources = rest_api_resources(
    {
        "client": {
            "base_url": url,
            "auth": {"type": "bearer", "token": token},
            "paginator": {
                "type": "cursor",
                "cursor_path": "next_token",
                "cursor_param": "nextToken",
            },
        },
        "resources": [
            {
                "name": path.rpartition("/")[2],
                "endpoint": {
                    "path": path.lstrip("/"),
                    "params": {"limit": 25, "start": begin, "end": end},
                    "data_selector": "records",
                },
            }
            for path in COLLECTIONS
        ],
    }
)
for resource in resources:
    for record in resource:
        print(json.dumps(record, default=str))
