-- How many columns the raw tables have now: a build reads those that there are when it begins.
select {{ count_raw_columns(raw_relations()) }} as raw_columns
