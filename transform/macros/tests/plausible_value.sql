{# Every value lies inside the plausible range that the metric seed gives for its code. #}
{% test plausible_value(model, column_name, metric_code, metrics) %}

    with observations as (
        select
            {{ metric_code }} as metric_code,
            {{ column_name }} as observed_value
        from {{ model }}
    ),

    metrics as (
        select * from {{ metrics }}
    )

    select
        observations.metric_code as metric_code,
        observations.observed_value as observed_value
    from observations
    inner join metrics
        on observations.metric_code = metrics.metric_code
    where
        observations.observed_value < metrics.plausible_low
        or observations.observed_value > metrics.plausible_high

{% endtest %}
