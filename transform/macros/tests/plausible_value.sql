{# Every value lies inside the plausible range that the metric seed gives for its code. #}
{% test plausible_value(model, column_name, metric_code, metrics) %}

    select
        observations.{{ metric_code }} as metric_code,
        observations.{{ column_name }} as implausible_value
    from {{ model }} as observations
    inner join {{ metrics }} as metrics
        on observations.{{ metric_code }} = metrics.metric_code
    where
        observations.{{ column_name }} < metrics.plausible_low
        or observations.{{ column_name }} > metrics.plausible_high

{% endtest %}
