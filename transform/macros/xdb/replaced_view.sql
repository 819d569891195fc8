{#
    A view is replaced where it is: one statement, and no view that reads it goes with it. dbt's own way,
    for any engine, makes another one beside it, renames both and drops the old. PostgreSQL replaces by the
    same columns alone: other models are built with `--full-refresh`, which `health-dbt` adds, and then
    the view goes first, in the same transaction.
#}
{% materialization view, adapter='postgres' -%}
    {%- set existing = load_cached_relation(this) -%}
    {%- set made = this.incorporate(type='view') -%}
    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}
    {%- if existing and (should_full_refresh() or not existing.is_view) -%}
        {{ drop_relation_if_exists(existing) }}
    {%- endif -%}
    {%- call statement('main') -%}
        {{ get_replace_view_sql(made, sql) }}
    {%- endcall -%}
    {%- do apply_grants(made, config.get('grants'), should_revoke=should_revoke(existing, full_refresh_mode=True)) -%}
    {%- do persist_docs(made, model) -%}
    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {{ adapter.commit() }}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return({'relations': [made]}) }}
{%- endmaterialization %}
