{# Of the rows that share the values of some columns, none begins before all earlier ones have ended. #}
{% test no_overlap(model, start_at, end_at, within) %}

    with ordered as (
        select
            *,
            max({{ end_at }}) over (
                partition by {{ within | join(', ') }}
                order by {{ start_at }}, {{ end_at }}
                rows between unbounded preceding and 1 preceding
            ) as earlier_end_at
        from {{ model }}
    )

    select *
    from ordered
    where {{ start_at }} < earlier_end_at

{% endtest %}
