"""The five kinds of panels, each with what they share; a dashboard adds what is its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from grafana_foundation_sdk.builders import common, stat, statetimeline, table, timeseries
from grafana_foundation_sdk.builders.dashboard import DashboardLink
from grafana_foundation_sdk.models.common import (
    BigValueColorMode,
    BigValueGraphMode,
    GraphDrawStyle,
    GraphThresholdsStyleMode,
    LegendDisplayMode,
    LegendPlacement,
    LineInterpolation,
    StackingMode,
    TooltipDisplayMode,
    VisibilityMode,
)
from grafana_foundation_sdk.models.dashboard import DashboardLinkType, DynamicConfigValue

from health_dashboards.grafana import colours
from health_dashboards.grafana.datasource import Query, health
from health_dashboards.grafana.empty_states import NO_DAYS

if TYPE_CHECKING:
    from collections.abc import Mapping

#: Of a column of a list, in pixels: Grafana's own 150 leave every other column out of sight.
_NARROWEST = 70
#: Columns whose words have no place to break, in pixels, by their names.
_WIDTHS = {"/^(Date|Day|First|Last)$/": 100, "/^(Stream|Metric|Rule|Why)$/": 150}
#: What does not fit into its column goes on in the next line; the builder knows no such words.
_WRAPPED = [
    DynamicConfigValue("custom.wrapText", True),
    DynamicConfigValue("custom.wrapHeaderText", True),
]


def number(title: str, description: str, sql: str, unit: str) -> stat.Panel:
    """The newest value in big figures, before the line of those before it."""
    return (
        _explained(stat.Panel(), title, description, sql)
        .unit(unit)
        .span(4)
        .height(4)
        .color_mode(BigValueColorMode.VALUE)
        .graph_mode(BigValueGraphMode.AREA)
        .reduce_options(common.ReduceDataOptions().calcs(["lastNotNull"]).fields("").values(False))
        .color_scheme(colours.fixed(colours.BLUE))
    )


def count(title: str, description: str, sql: str, unit: str) -> stat.Panel:
    """One value in big figures, which has no days before it."""
    return number(title, description, sql, unit).graph_mode(BigValueGraphMode.NONE)


def lines(title: str, description: str, sql: str, unit: str) -> timeseries.Panel:
    """Values over dates: a point for each, joined only where no date is missing between them."""
    return (
        _over_time(title, description, sql, unit)
        .draw_style(GraphDrawStyle.LINE)
        .line_interpolation(LineInterpolation.LINEAR)
        .line_width(2)
        .show_points(VisibilityMode.ALWAYS)
        .point_size(4)
        .span_nulls(False)
        .insert_nulls(86_400_000)
    )


def bars(title: str, description: str, sql: str, unit: str) -> timeseries.Panel:
    """Amounts over dates, from zero; no bar where nothing is known."""
    return (
        _over_time(title, description, sql, unit)
        .draw_style(GraphDrawStyle.BARS)
        .fill_opacity(80)
        .line_width(0)
        .min(0)
    )


def stacked(panel: timeseries.Panel) -> timeseries.Panel:
    """The same with its columns on top of each other."""
    return panel.stacking(common.StackingConfig().mode(StackingMode.NORMAL).group("A"))


def ruled(panel: timeseries.Panel) -> timeseries.Panel:
    """The same with its thresholds as dashed lines."""
    dashed = common.GraphThresholdsStyleConfig().mode(GraphThresholdsStyleMode.DASHED)
    return panel.thresholds_style(dashed)


def states(title: str, description: str, sql: str) -> statetimeline.Panel:
    """Words over dates, one row for each column."""
    return (
        _of_many(statetimeline.Panel(), title, description, sql)
        .unit("string")
        .span(24)
        .height(7)
        .show_value(VisibilityMode.NEVER)
        .merge_values(True)
        .row_height(0.8)
        .line_width(0)
        .fill_opacity(85)
        .legend(_legend())
        .tooltip(_tooltip())
    )


def listing(title: str, description: str, sql: str, units: Mapping[str, str]) -> table.Panel:
    """Rows and columns; what is no plain number or text has a unit by its column's name."""
    panel = (
        _of_many(table.Panel(), title, description, sql)
        .unit("none")
        .span(24)
        .height(9)
        .min_width(_NARROWEST)
        .override_by_regexp("/.*/", _WRAPPED)
    )
    for columns, width in _WIDTHS.items():
        panel.override_by_regexp(columns, [DynamicConfigValue("custom.width", width)])
    for column, unit in units.items():
        panel.override_by_name(column, [DynamicConfigValue("unit", unit)])
    return panel


def leading_to(page: str, title: str) -> list[DashboardLink]:
    """A link from a value to another dashboard, for the same person and period."""
    return [
        DashboardLink(title)
        .type(DashboardLinkType.LINK)
        .url(f"/d/health-{page}?${{__url_time_range}}&${{user:queryparam}}")
    ]


def _explained(panel: Any, title: str, description: str, sql: str) -> Any:
    return (
        panel.title(title)
        .description(description)
        .datasource(health())
        .with_target(Query(sql))
        .no_value(NO_DAYS)
    )


def _of_many(panel: Any, title: str, description: str, sql: str) -> Any:
    """A panel of many values: one that is missing is a dash, and only if all are it says more."""
    dash = [DynamicConfigValue("noValue", "-")]
    return _explained(panel, title, description, sql).override_by_regexp("/.*/", dash)


def _over_time(title: str, description: str, sql: str, unit: str) -> timeseries.Panel:
    return (
        _of_many(timeseries.Panel(), title, description, sql)
        .unit(unit)
        .span(12)
        .height(8)
        .legend(_legend())
        .tooltip(_tooltip())
        .color_scheme(colours.fixed(colours.BLUE))
    )


def _legend() -> common.VizLegendOptions:
    return (
        common.VizLegendOptions()
        .show_legend(True)
        .display_mode(LegendDisplayMode.LIST)
        .placement(LegendPlacement.BOTTOM)
        .calcs([])
    )


def _tooltip() -> common.VizTooltipOptions:
    return common.VizTooltipOptions().mode(TooltipDisplayMode.MULTI)
