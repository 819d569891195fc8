{# The expression is true, or unknown, on every row. Stands on a model or on a column. #}
{% test expression_true(model, expression, column_name=none) %}

    select *
    from {{ model }}
    where not ({{ expression }})

{% endtest %}
