"""The least that somebody would write: every page of four collections, each record on a line.

Arguments: base URL, begin, end. The access token is in ACCESS_TOKEN.
"""

from __future__ import annotations

import json
import os
import sys

import requests

COLLECTIONS = ("/v2/cycle", "/v2/activity/sleep", "/v2/recovery", "/v2/activity/workout")

url, begin, end = sys.argv[1:]
token = os.environ["ACCESS_TOKEN"]
with requests.Session() as session:
    session.headers["Authorization"] = f"Bearer {token}"
    for path in COLLECTIONS:
        params = {"limit": "25", "start": begin, "end": end}
        while True:
            answer = session.get(url + path, params=params, timeout=60)
            answer.raise_for_status()
            page = answer.json()
            for record in page["records"]:
                print(json.dumps(record))
            if not page.get("next_token"):
                break
            params["nextToken"] = page["next_token"]
