{% for stream in ['cycles', 'sleeps', 'workouts'] -%}
{{ found_by_own_time('whoop', stream, key='id', created_at='created_at', start='start', end='"end"') }}
{% if not loop.last %}union all{% endif %}
{% endfor %}
