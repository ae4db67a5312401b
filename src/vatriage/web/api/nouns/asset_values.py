"""What alerts of one verdict are ranked by: the loaded lists, and what targets are worth."""

from dataclasses import asdict
from typing import Annotated, Any

from ninja import Schema
from pydantic import Field

from vatriage.model.ranking import LEAST_VALUE, MOST_VALUE
from vatriage.model.viewer import Right
from vatriage.usecases.asset_values import asset_values, clear_asset_value, set_asset_value
from vatriage.usecases.ranking import ranking_state
from vatriage.web import house
from vatriage.web.api.endpoint import JSON, ApiRequest, endpoint
from vatriage.web.api.shapes import Instant, Name, Sent

_Network = Annotated[str, Field(min_length=1, max_length=49, description="A network, or one address.")]


class AssetValueShown(Schema):
    """What a person says that targets in a network are worth."""

    zone: str
    network: str
    value: int
    who: str
    at: Instant


class AssetValueList(Schema):
    """The values of your zones, in order of zone and network."""

    asset_values: list[AssetValueShown]


class AssetValueContent(Sent):
    """What is said."""

    zone: Name
    network: _Network
    value: Annotated[int, Field(ge=LEAST_VALUE, le=MOST_VALUE, description="1 (little) to 5 (most).")]


class RankingShown(Schema):
    """The lists that rank alerts."""

    known_exploited_date: str
    known_exploited: str
    known_exploited_entries: int
    epss_date: str
    epss: str
    epss_age_days: int | None
    warnings: list[str]


@endpoint("GET", "/ranking", right=Right.READ, answer=RankingShown)
def show_ranking(request: ApiRequest) -> Any:  # noqa: ARG001 - the interface's signature
    """Show which lists rank alerts, and how old they are."""
    return asdict(ranking_state(house.config().ranking, house.clock()))


@endpoint("GET", "/asset-values", right=Right.READ, answer=AssetValueList)
def list_asset_values(request: ApiRequest) -> Any:
    """List what targets are worth."""
    return {"asset_values": asset_values(request.viewer.zones)}


@endpoint("PUT", "/asset-values", right=Right.ADMIN, answer=AssetValueShown, errors=(404,), body=JSON)
def set_an_asset_value(request: ApiRequest, said: AssetValueContent) -> Any:
    """Say what targets in a network are worth; it acts at once, on verdicts made from then on."""
    return set_asset_value(
        said.zone, said.network, said.value, snapshots=house.config().snapshots, who=request.viewer.who,
        zones=request.viewer.zones, clock=house.clock(),
    )  # fmt: skip


@endpoint("DELETE", "/asset-values", right=Right.ADMIN, answer=None, status=204, errors=(404,))
def clear_an_asset_value(request: ApiRequest, zone: Name, network: _Network) -> None:
    """Take back what was said of a network."""
    clear_asset_value(
        zone, network, snapshots=house.config().snapshots, who=request.viewer.who, zones=request.viewer.zones,
        clock=house.clock(),
    )  # fmt: skip
