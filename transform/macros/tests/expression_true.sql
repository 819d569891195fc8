{# The expression is true, or unknown, on every row. #}
{% test expression_true(model, expression) %}

    select *
    from {{ model }}
    where not ({{ expression }})

{% endtest %}
