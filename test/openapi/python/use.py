"""Uses the generated client: composes a chart from an uploaded one, and downloads it."""

import json
import sys
import time
from http import HTTPStatus

from registry_client import Client
from registry_client.api.charts import compose_chart, upload_chart
from registry_client.api.jobs import get_job
from registry_client.api.spaces import create_space, get_space
from registry_client.api.versions import download_version
from registry_client.models import ChartLink, Error, Job, NodeSource, Recipe, RecipeNode, RecipeSave, UploadChartBody
from registry_client.types import File

url, space, archive, target = sys.argv[1:]
client = Client(base_url=url)

create_space.sync(client=client, space=space)
with open(archive, "rb") as source:
    body = UploadChartBody(chartfile=File(payload=source, file_name="web.tgz"))
    link = upload_chart.sync(space, client=client, body=body)
assert isinstance(link, ChartLink), link

web = RecipeNode(package=NodeSource(independent=True, chart=link.chart, version=link.version))
configs = RecipeNode()
configs["web"] = web
recipe = Recipe(save=RecipeSave(chart="made", version="1.0.0"), configs=configs)
job = compose_chart.sync(space, client=client, body=recipe)
assert isinstance(job, Job), job
while job.state in ("queued", "running"):
    answer = get_job.sync_detailed(job.id, client=client)
    assert isinstance(answer.parsed, Job), answer
    job = answer.parsed
    time.sleep(int(answer.headers.get("Retry-After", 0)))

download = download_version.sync(space, "made", "1.0.0", client=client)
assert isinstance(download, File), download
with open(target, "wb") as file:
    file.write(download.payload.read())

missing = get_space.sync_detailed("missing-" + space, client=client)
assert missing.status_code == HTTPStatus.NOT_FOUND and isinstance(missing.parsed, Error)
print(json.dumps({"state": job.state, "code": missing.parsed.code}))
